"""The plain words of the report: who reads it need not know how the program works."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from claimnli.comparison import Fact
from claimnli.records import Article, Claim

NO_VERDICT = (
    "This report shows what the articles say and where they agree or contradict each other. "
    "It is no verdict on truth: which side is right is for you to find out."
)

REASONS = {
    "byline": "by-line, who wrote or edited it",
    "credit": "credit of an agency, a photo or a video",
    "dateline": "place or time of publication",
    "promotion": "links, advertising, subscriptions",
    "notice": "copyright, cookies, technical messages",
    "no_words": "no words, only figures or signs",
    "question": "question, which states nothing",
    "heading": "heading",
    "cut_off": "cut off, its end is missing",
    "too_short": "too short to state anything",
    "too_long": "too long for one statement, such as a list or a table",
    "repeated": "repeats what the same article has already said word for word",
    "same_article": "both in the same article",
    "below_min_similarity": "too unlike each other to be about the same thing",
    "beyond_top_k": "other statements are more alike",
    "interrupted": "not reached when the run was stopped",
    "weak_agreement": "agreement too uncertain to be shown; in the tables only",
    "weak_contradiction": "contradiction too uncertain to be shown; in the tables only",
    "truncated": "compared, but longer than the model reads: the end of the longer was cut",
}
"""Reason code -> plain words. A code that is not listed is shown with spaces for underscores."""

STAGE_NOUNS = {
    "articles": ("article", "articles"),
    "claims": ("sentence", "sentences"),
    "pairing": ("pair of statements", "pairs of statements"),
    "pairs": ("pair of statements", "pairs of statements"),
    "nli": ("pair of statements", "pairs of statements"),
    "compare": ("pair of statements", "pairs of statements"),
}
"""Stage -> what its items are called, one and many."""

_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def count(n: int, noun: str, plural: str = "") -> str:
    """``1 article``, ``2 articles``, ``12,000 articles``."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def reason_in_words(reason: str) -> str:
    """What is wrong with an item that a stage left out."""
    return REASONS.get(reason, reason.replace("_", " "))


def items(stage: str, n_items: int) -> str:
    """What a stage left out, counted in its own noun: ``3 sentences``."""
    return count(n_items, *STAGE_NOUNS.get(stage, ("item",)))


def percent(probability: float) -> str:
    """Never 100 % or 0 %: no model is that sure."""
    return f"{min(max(round(100 * probability), 1), 99)} %"


def day(published: str | None) -> str:
    """``26 April 2025`` from an ISO 8601 date or date and time; anything else as it stands."""
    if not published:
        return ""
    try:
        date = datetime.fromisoformat(published)
    except ValueError:
        return published
    return f"{date.day} {date:%B %Y}"


def days(articles: Iterable[Article]) -> str:
    """The day, or the first and last day, on which *articles* were published."""
    known = sorted({article.published for article in articles if article.published})
    shown = list(dict.fromkeys(day(published) for published in known))
    return shown[0] if len(shown) == 1 else f"{shown[0]} to {shown[-1]}" if shown else ""


def spread(fact: Fact) -> str:
    """``3 articles, 2 independent origins``."""
    n_articles = len(fact.article_ids)
    if fact.n_origins == n_articles:
        return count(n_articles, "article")
    return f"{count(n_articles, 'article')}, {count(fact.n_origins, 'independent origin')}"


def who(claim: Claim) -> str:
    """The speaker, or that there is none."""
    return claim.speaker or "the article itself"


def title(article: Article, max_characters: int = 90) -> str:
    """The title, else the source, else the path, cut at a word."""
    words = one_line(article.title) or one_line(article.source) or one_line(article.path)
    return shorten(words, max_characters)


def source(article: Article) -> str:
    """The publisher, or nothing where it only repeats what stands there as the title."""
    name = one_line(article.source)
    return "" if name == title(article) else shorten(name, 60)


def shorten(text: str, max_characters: int) -> str:
    """*text*, cut at a word where one ends in its second half; the cut is shown."""
    if len(text) <= max_characters:
        return text
    cut = text[:max_characters]
    return (cut.rsplit(" ", 1)[0] if " " in cut[max_characters // 2 :] else cut).rstrip() + "…"


def listed(names: Sequence[str], max_names: int = 4) -> str:
    """``A, B and 3 more``."""
    if len(names) > max_names:
        return f"{', '.join(names[:max_names])} and {len(names) - max_names:,} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def one_line(text: str) -> str:
    """*text* on one line, without what could move a terminal's cursor or turn its line round."""
    spaced = " ".join(text.translate(_BIDI_CONTROLS).split())
    if spaced.isascii() and spaced.isprintable():
        return spaced
    return "".join(
        {"Cc": "", "Cs": "\ufffd"}.get(unicodedata.category(character), character)
        for character in spaced
    )
