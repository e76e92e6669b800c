"""What stands on the HTML page: a comparison turned into the words and links of the template.

Nothing here is HTML; the template escapes every string that it gets from here.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from claimnli.comparison import Comparison, Dispute, Fact
from claimnli.records import Article, Claim
from claimnli.report import wording
from claimnli.report.article_text import Lines, Mark, Paragraph, paragraphs


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLimits:
    """What one page can hold and still be read. What is beyond is counted on the page."""

    max_text_characters: int = 2_000_000
    """If the articles are longer than that together, only the surroundings of the claims that stand
    in a shown fact or dispute are shown."""
    n_context_characters: int = 400
    """Those surroundings, before and after the claim, within its paragraph."""
    max_disputes: int = 500
    max_facts: int = 500
    max_quotes: int = 25
    """Further quotes of a fact or a side; statements that agree with both sides of a dispute."""
    max_matrix_articles: int = 20
    """With more articles the table is no longer readable, and the pairs of articles with the most
    contradictions and agreements are listed instead."""
    max_listed: int = 200
    """Lines of any other list: pairs of articles, sentences left out, files that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    """An article on the page."""

    anchor: str
    number: int
    article: Article
    lines: Lines
    reprint_of: int | None
    """Number of the article that it reprints."""
    n_claims: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A claim, verbatim, and where it stands."""

    claim: Claim
    article: ArticleView
    anchor: str
    """Of its place in the article's text."""
    paragraph: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactView:
    """A fact, or one side of a dispute: one quote in full view, the others folded."""

    anchor: str
    number: int
    fact: Fact
    lead: Quote
    others: tuple[Quote, ...]
    n_more: int
    """Quotes beyond max_quotes."""
    articles: tuple[ArticleView, ...]
    dates: str
    disputes: tuple[int, ...] = ()
    """Numbers of the shown disputes in which this fact is a side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeView:
    """Two sides facing each other; the leads are the strongest pair."""

    anchor: str
    number: int
    dispute: Dispute
    sides: tuple[FactView, FactView]
    both_sides: tuple[Quote, ...]
    """Statements that agree with both."""
    n_more: int
    """Of these, those beyond max_quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleText:
    """The text of an article as far as it is shown."""

    article: ArticleView
    paragraphs: list[Paragraph]
    n_skipped_after: int


@dataclass(slots=True)
class PageBuilder:
    """Numbers articles, claims, facts and disputes, and links them to each other."""

    comparison: Comparison
    limits: PageLimits
    articles: dict[str, ArticleView] = field(init=False)
    anchors: dict[str, str] = field(init=False)
    """claim_id -> anchor of the claim in its article's text."""
    disputes: list[DisputeView] = field(init=False)
    facts: list[FactView] = field(init=False)

    def __post_init__(self) -> None:
        comparison, limits = self.comparison, self.limits
        self.articles = _article_views(comparison)
        shown_disputes = comparison.disputes[: limits.max_disputes]
        sides_of: dict[str, list[int]] = defaultdict(list)
        for number, dispute in enumerate(shown_disputes, 1):
            for side in (dispute.side_a, dispute.side_b):
                sides_of[side.fact_id].append(number)
        self.anchors = {}
        self.disputes = [self._dispute(n, d) for n, d in enumerate(shown_disputes, 1)]
        self.facts = [
            self._fact(f"fact-{n}", n, fact, fact.claims, tuple(sides_of[fact.fact_id]))
            for n, fact in enumerate(comparison.facts[: limits.max_facts], 1)
        ]

    @property
    def is_excerpt(self) -> bool:
        """True if the articles are too long to be shown whole."""
        n_characters = sum(len(article.text) for article in self.comparison.articles)
        return n_characters > self.limits.max_text_characters

    def texts(self) -> list[ArticleText]:
        """The articles with their claims marked; of an excerpt, those with something to show."""
        n_context = self.limits.n_context_characters if self.is_excerpt else None
        marks = self._marks()
        shown = []
        for view in self.articles.values():
            parts, n_after = paragraphs(view.lines, marks[view.article.article_id], n_context)
            if parts:
                shown.append(ArticleText(article=view, paragraphs=parts, n_skipped_after=n_after))
        return shown

    def _marks(self) -> dict[str, list[Mark]]:
        links: dict[str, list[tuple[str, str]]] = defaultdict(list)
        kinds: dict[str, str] = {}
        claims = {claim.claim_id: claim for claim in self.comparison.claims}
        for dispute in self.disputes:
            for side in dispute.sides:
                for claim in side.fact.claims:
                    links[claim.claim_id].append((dispute.anchor, f"dispute {dispute.number}"))
                    kinds[claim.claim_id] = "dispute"
                    claims.setdefault(claim.claim_id, claim)
            for quote in dispute.both_sides:
                claim = quote.claim
                links[claim.claim_id].append((dispute.anchor, f"dispute {dispute.number}"))
                kinds[claim.claim_id] = "dispute"
                claims.setdefault(claim.claim_id, claim)
        for fact in self.facts:
            for claim in fact.fact.claims:
                links[claim.claim_id].append((fact.anchor, f"shared {fact.number}"))
                kinds.setdefault(claim.claim_id, "fact")
                claims.setdefault(claim.claim_id, claim)
        marks: dict[str, list[Mark]] = defaultdict(list)
        for claim in claims.values():
            mark = Mark(
                start=claim.start,
                end=claim.end,
                kind=kinds.get(claim.claim_id, "claim"),
                anchor=self._anchor(claim),
                links=tuple(dict.fromkeys(links[claim.claim_id])),
            )
            marks[claim.article_id].append(mark)
        for sentence in self.comparison.dropped_sentences:
            note = f"not compared: {wording.reason_in_words(sentence.reason)}"
            mark = Mark(start=sentence.start, end=sentence.end, kind="left-out", note=note)
            marks[sentence.article_id].append(mark)
        return marks

    def _anchor(self, claim: Claim) -> str:
        return self.anchors.setdefault(claim.claim_id, f"claim-{len(self.anchors) + 1}")

    def _quote(self, claim: Claim) -> Quote:
        article = self.articles[claim.article_id]
        return Quote(
            claim=claim,
            article=article,
            anchor=self._anchor(claim),
            paragraph=article.lines.number(claim.start),
        )

    def _dispute(self, number: int, dispute: Dispute) -> DisputeView:
        # A claim that contradicts the other side comes before one that only agrees with its own.
        first = [pair.a for pair in dispute.pairs], [pair.b for pair in dispute.pairs]
        sides = [
            self._fact(f"dispute-{number}-{letter}", number, side, [*claims, *side.claims])
            for letter, side, claims in zip(
                "ab", (dispute.side_a, dispute.side_b), first, strict=True
            )
        ]
        shown = dispute.both_sides[: self.limits.max_quotes]
        return DisputeView(
            anchor=f"dispute-{number}",
            number=number,
            dispute=dispute,
            sides=(sides[0], sides[1]),
            both_sides=tuple(self._quote(claim) for claim in shown),
            n_more=len(dispute.both_sides) - len(shown),
        )

    def _fact(
        self,
        anchor: str,
        number: int,
        fact: Fact,
        claims: Sequence[Claim],
        disputes: tuple[int, ...] = (),
    ) -> FactView:
        ordered = list({claim.claim_id: claim for claim in claims}.values())
        lead, *others = ordered
        articles = tuple(self.articles[article_id] for article_id in fact.article_ids)
        return FactView(
            anchor=anchor,
            number=number,
            fact=fact,
            lead=self._quote(lead),
            others=tuple(self._quote(claim) for claim in others[: self.limits.max_quotes]),
            n_more=max(len(others) - self.limits.max_quotes, 0),
            articles=tuple(sorted(articles, key=lambda view: view.number)),
            dates=wording.days(view.article for view in articles),
            disputes=tuple(dict.fromkeys(disputes)),
        )


def _article_views(comparison: Comparison) -> dict[str, ArticleView]:
    numbers = {a.article_id: number for number, a in enumerate(comparison.articles, 1)}
    n_claims: dict[str, int] = defaultdict(int)
    for claim in comparison.claims:
        n_claims[claim.article_id] += 1
    views = {}
    for article in comparison.articles:
        article_id = article.article_id
        origin = comparison.origin_of.get(article_id, article_id)
        views[article_id] = ArticleView(
            anchor=f"article-{numbers[article_id]}",
            number=numbers[article_id],
            article=article,
            lines=Lines(article.text),
            reprint_of=None if origin == article_id else numbers.get(origin),
            n_claims=n_claims[article_id],
        )
    return views
