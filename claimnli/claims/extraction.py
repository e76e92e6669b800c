"""From articles to claims: split, choose, attribute."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import itemgetter

from claimnli.claims.attribution import Attribution, attribute, blot_quotes, quoted_share
from claimnli.claims.quotes import Span, unclosed_quote
from claimnli.claims.selection import reason_to_drop, skip_lead
from claimnli.claims.sentences import Paragraph, split_paragraphs
from claimnli.claims.speakers import Speakers
from claimnli.config import ClaimsConfig
from claimnli.records import Article, Claim, ClaimSelection, DroppedSentence

_MOSTLY = 0.5
_WHOLLY = 0.9
"""Share of a sentence's letters between quotation marks."""


def extract_claims(articles: Iterable[Article], config: ClaimsConfig) -> ClaimSelection:
    """The sentences of *articles* that state something, article by article in order.

    Always ``article.text[claim.start:claim.end] == claim.text``. The sentences left out are in
    ``dropped``, each with a code of ``claimnli.claims.REASONS``. Speakers are looked for in English
    only; in other languages they are None.
    """
    claims: list[Claim] = []
    dropped: list[DroppedSentence] = []
    for article in articles:
        seen: set[str] = set()
        voices = _Voices()
        for paragraph in split_paragraphs(
            article.text, language=config.language, max_words=config.max_words
        ):
            chosen = list(_choose(article, paragraph, config, seen, dropped))
            if config.language == "en":
                chosen = voices.attribute(article.text, paragraph, chosen)
            claims.extend(chosen)
    return ClaimSelection(claims=tuple(claims), dropped=tuple(dropped))


def _choose(
    article: Article,
    paragraph: Paragraph,
    config: ClaimsConfig,
    seen: set[str],
    dropped: list[DroppedSentence],
) -> Iterator[Claim]:
    for whole_start, end in paragraph.sentences:
        start = skip_lead(article.text, whole_start, end)
        sentence = article.text[start:end]
        reason = "repeated" if sentence in seen else reason_to_drop(sentence, config)
        seen.add(sentence)
        if reason is None:
            yield Claim(
                claim_id=f"{article.article_id}:{start}",
                article_id=article.article_id,
                text=sentence,
                start=start,
                end=end,
            )
        else:
            dropped.append(
                DroppedSentence(
                    article_id=article.article_id,
                    text=sentence,
                    start=start,
                    end=end,
                    reason=reason,
                )
            )


class _Voices:
    """Attribution along one article: pronouns and quotations look back to who spoke before."""

    def __init__(self) -> None:
        self._speakers = Speakers()
        self._quoted: Attribution | None = None
        """Whose words the next quotation without a speaker is."""

    def attribute(self, text: str, paragraph: Paragraph, claims: list[Claim]) -> list[Claim]:
        """*claims*, those of *paragraph*, with speaker, cue and is_quoted."""
        quotes = list(paragraph.quotes)
        unclosed = unclosed_quote(text, paragraph.start, paragraph.end, quotes)
        if unclosed is not None:
            quotes.append((unclosed, paragraph.end))
        attributed = [self._attribute_one(claim, quotes) for claim in claims]
        ends_in_colon = bool(claims) and claims[-1].text.endswith(":")
        if unclosed is None and not ends_in_colon:
            self._quoted = None
        return _shared_within(quotes, attributed)

    def _attribute_one(self, claim: Claim, quotes: list[Span]) -> Claim:
        inside = [
            (max(start, claim.start) - claim.start, min(end, claim.end) - claim.start)
            for start, end in _overlapping(quotes, claim.start, claim.end)
        ]
        share = quoted_share(claim.text, inside)
        narrative = blot_quotes(claim.text, inside)
        found = attribute(claim.text, inside)
        if found:
            found = replace(found, speaker=self._speakers.resolve(found.speaker, narrative))
        elif share > _WHOLLY:
            found = self._quoted
        self._speakers.note(narrative, found.speaker if found else None)
        self._quoted = found if share > 0 or claim.text.endswith(":") else None
        return replace(
            claim,
            speaker=found.speaker if found else None,
            cue=found.cue if found else None,
            is_quoted=share > _MOSTLY,
        )


def _overlapping(quotes: list[Span], start: int, end: int) -> list[Span]:
    first = bisect_right(quotes, start, key=itemgetter(1))
    return quotes[first : bisect_left(quotes, end, lo=first, key=itemgetter(0))]


def _shared_within(quotes: list[Span], claims: list[Claim]) -> list[Claim]:
    """A quotation that was taken apart has one speaker, named before it or after it."""
    starts, ends = [claim.start for claim in claims], [claim.end for claim in claims]
    for start, end in quotes:
        parts = range(bisect_right(ends, start), bisect_left(starts, end))
        named = next((claims[i] for i in parts if claims[i].speaker), None)
        if named and len(parts) > 1:
            for i in parts:
                if claims[i].speaker is None:
                    claims[i] = replace(claims[i], speaker=named.speaker, cue=named.cue)
    return claims
