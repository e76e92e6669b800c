"""Labelled pairs from short strings: claim "a1" is the first claim of article "a"."""

from collections.abc import Iterable

from claimnli.records import Article, Claim, LabelledPair, Relation


def make_claim(name: str, *, speaker: str | None = None) -> Claim:
    start = int(name[1:])
    return Claim(
        claim_id=name, article_id=name[0], text=name, start=start, end=start + 1, speaker=speaker
    )


def make_article(article_id: str, *, published: str | None = None) -> Article:
    return Article(
        article_id=article_id,
        text="",
        title=article_id,
        source=article_id,
        path=article_id,
        published=published,
    )


def make_articles(pairs: Iterable[LabelledPair]) -> list[Article]:
    ids = {claim.article_id for pair in pairs for claim in (pair.a, pair.b)}
    return [make_article(article_id) for article_id in sorted(ids)]


def make_pair(a: Claim, b: Claim, relation: Relation, probability: float) -> LabelledPair:
    rest = (1 - probability) / 2
    return LabelledPair(
        pair_id=f"{a.claim_id}|{b.claim_id}",
        a=a,
        b=b,
        similarity=0.6,
        relation=relation,
        probability=probability,
        probabilities={r: probability if r is relation else rest for r in Relation},
    )


def make_pairs(*lines: str) -> list[LabelledPair]:
    """Each line is "a1 = b1 0.9": = agrees, ! contradicts, ~ is unrelated; 0.9 may be left out.

    A side may name several claims, "a1,b1 ! c1,d1": each of the left with each of the right; and
    "= a1,b1,c1" is every pair of them.
    """
    relations = {
        "=": Relation.AGREEMENT,
        "!": Relation.CONTRADICTION,
        "~": Relation.UNRELATED,
    }
    pairs = []
    for line in lines:
        words = line.split()
        sign = next(word for word in words if word in relations)
        names = [word.split(",") for word in words if word[0].isalpha()]
        probability = float(words[-1]) if words[-1][0].isdigit() else 0.9
        left, right = names if len(names) == 2 else (names[0], names[0])
        couples = sorted({(min(a, b), max(a, b)) for a in left for b in right if a[0] != b[0]})
        pairs += [
            make_pair(make_claim(a), make_claim(b), relations[sign], probability)
            for a, b in couples
        ]
    return pairs


def ids(claims: Iterable[Claim]) -> set[str]:
    return {claim.claim_id for claim in claims}
