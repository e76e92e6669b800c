"""Sentences with their offsets.

A full stop, question or exclamation mark before a blank and a capital ends a sentence, unless an
abbreviation, an initial or a figure speaks against it; so does every line break that is not a mere
wrap. What stands between one pair of quotation marks stays together with the words that attribute
it. All steps are linear in the length of the text.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from claimnli.claims.abbreviations import BY_LANGUAGE, UNKNOWN, Abbreviations
from claimnli.claims.quotes import Span, quoted_spans

_LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_BULLET = re.compile(r"[-*•·▪◦‣#>|]|\d{1,2}[.)]\s")
_MAX_WRAP_WIDTH = 120
"""Characters; longer lines are paragraphs of their own, not wrapped text."""

# Possessive, and only from the first of a row of stops: such rows would else take quadratic time.
_END = re.compile(
    r"""(?<![.!?…])[.!?…]++[ \u00a0\u202f]»(?=\s|$)  # the French closing mark keeps a distance
      | (?<![.!?…])[.!?…]++["”’'»“)\]]*+(?=\s|$)    # the usual end, closing marks included
      | [。！？]+[」』”’)）]*                # no blank follows in Chinese and Japanese
      | (?<=[a-zß-ÿ]{3})[.!?](?=[A-Z][a-z])  # a blank lost by a scraper: 'the region.Ukraine'
    """,
    re.VERBOSE,
)
_WORD_BEFORE = re.compile(r"[\w.’'-]*\Z")
_NEXT_WORD = re.compile(r"\s*[\"“”„«»'‘’‚(\[]*([\w’'-]*)")
_SAYS = r"(?:said|says|asked|asks|told|added|replied|wondered|shouted|cried|wrote|tweeted|joked)\b"
_NAME = r"\s*(?:(?:[A-Z][\w.’'-]*|the|of|an?|his|her)\s+){1,6}"
_ASKED_BY = re.compile(r"\s*(?:(?!and\b|but\b|who\b|that\b)[\w.’'-]+\s+){1,7}" + _SAYS)
_SAID_BY = re.compile(_NAME + _SAYS + r"[.,]")
_MAX_LOOK_BACK = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph, a heading or another line of its own, with offsets into the whole text."""

    start: int
    end: int
    sentences: tuple[Span, ...]
    """In order, without blanks at either end."""
    quotes: tuple[Span, ...]
    """What stands between quotation marks, marks included."""


def split_sentences(text: str, *, language: str = "en", max_words: int = 150) -> list[Span]:
    """Offsets of the sentences of *text*, in order; see split_paragraphs."""
    paragraphs = split_paragraphs(text, language=language, max_words=max_words)
    return [sentence for paragraph in paragraphs for sentence in paragraph.sentences]


def split_paragraphs(
    text: str, *, language: str = "en", max_words: int = 150
) -> Iterator[Paragraph]:
    """The paragraphs of *text*, in order, with their sentences.

    A quotation of several sentences is one sentence with its attribution as long as the whole has
    at most *max_words* words; a longer one is taken apart. *language* (ISO 639-1) chooses the
    abbreviations.
    """
    words = BY_LANGUAGE.get(language, UNKNOWN)
    for start, end in _paragraphs(text):
        quotes = tuple(quoted_spans(text, start, end))
        sentences = tuple(_split(text, start, end, quotes, words, max_words))
        yield Paragraph(start=start, end=end, sentences=sentences, quotes=quotes)


def _paragraphs(text: str) -> Iterator[Span]:
    """Lines, with those joined again that were only wrapped."""
    block: list[Span] = []
    for match in _LINE.finditer(text):
        line = _strip(text, *match.span())
        if block and (line[0] == line[1] or _has_blank_line(text, block[-1][1], line[0])):
            yield from _join_wrapped(text, block)
            block = []
        if line[0] < line[1]:
            block.append(line)
    yield from _join_wrapped(text, block)


def _has_blank_line(text: str, start: int, end: int) -> bool:
    gap = text[start:end].replace("\r\n", "\n")
    return sum(not c.isspace() or c in "\n\r\x0b\x0c\x85\u2028\u2029" for c in gap) > 1


def _join_wrapped(text: str, block: list[Span]) -> Iterator[Span]:
    if not block:
        return
    is_wrapped = _is_wrapped(text, block)
    start, end = block[0]
    for line_start, line_end in block[1:]:
        goes_on = text[line_start].islower() and text[end - 1] not in ".!?…:"
        if is_wrapped or (goes_on and end - start > 1):
            end = line_end
        else:
            yield start, end
            start, end = line_start, line_end
    yield start, end


def _is_wrapped(text: str, block: list[Span]) -> bool:
    """True if each line is full: the first word of the next would not have fitted in."""
    if len(block) < 3 or any(_BULLET.match(text, start) for start, _ in block):
        return False
    width = max(end - start for start, end in block)
    if width > _MAX_WRAP_WIDTH or not any(text[start].islower() for start, _ in block[1:]):
        return False
    for (start, end), (next_start, next_end) in pairwise(block):
        first_word = text[next_start:next_end].split(maxsplit=1)[0]
        if end - start + 1 + len(first_word) <= width:
            return False
    return True


def _split(
    text: str,
    start: int,
    end: int,
    quotes: tuple[Span, ...],
    words: Abbreviations,
    max_words: int,
) -> Iterator[Span]:
    quote_ends = [quote_end for _, quote_end in quotes]
    pieces: list[Span] = []  # sentences inside one quotation, with the words around it
    piece_start = start
    for boundary in _boundaries(text, start, end, words):
        pieces.append((piece_start, boundary))
        piece_start = boundary
        i = bisect_left(quote_ends, boundary)
        if i < len(quotes) and quotes[i][0] < boundary < quotes[i][1]:
            continue
        yield from _whole_or_apart(text, pieces, max_words)
        pieces = []


def _whole_or_apart(text: str, pieces: list[Span], max_words: int) -> Iterator[Span]:
    whole = (pieces[0][0], pieces[-1][1])
    if len(pieces) > 1 and len(text[slice(*whole)].split()) <= max_words:
        pieces = [whole]
    for piece in pieces:
        start, end = _strip(text, *piece)
        if start < end:
            yield start, end


def _boundaries(text: str, start: int, end: int, words: Abbreviations) -> Iterator[int]:
    for match in _END.finditer(text, start, end):
        if match.end() < end and _ends_sentence(text, match, start, end, words):
            yield match.end()
    yield end


def _ends_sentence(
    text: str, match: re.Match[str], start: int, end: int, words: Abbreviations
) -> bool:
    mark = match.group()
    if mark[0] in "。！？":
        return True
    following = _NEXT_WORD.match(text, match.end(), end)
    next_word = following.group(1)[:_MAX_LOOK_BACK] if following else ""
    if next_word[:1].islower() and not next_word[1:2].isupper():  # 'iPhone' may start a sentence
        return False
    if len(mark) > 1 and mark[-1] in "\"”’'»“":
        attributed = _SAID_BY if mark[0] == "." else _ASKED_BY
        return attributed.match(text, match.end(), min(end, match.end() + 120)) is None
    if mark not in (".", ".)"):
        return True
    return not _is_abbreviation(text, match.start(), start, next_word, words)


def _is_abbreviation(
    text: str, stop: int, start: int, next_word: str, words: Abbreviations
) -> bool:
    """True if the full stop at *stop* belongs to the word before it and ends nothing."""
    found = _WORD_BEFORE.search(text[max(start, stop - _MAX_LOOK_BACK) : stop])
    word = found.group() if found else ""
    word = word[word.rfind("-") + 1 :].lstrip("'’.")  # 'D-N.Y.', 'then-No. 1'
    low, starts = word.lower(), next_word.lower() in words.starters
    if stop - len(word) == start and word.isdigit() and len(word) < 3:  # '1. First point'
        return True
    if words.months and word.isdigit() and len(word) < 3 and next_word.lower() in words.months:
        return True
    if low in words.titles:
        return True
    if low in words.numbered and next_word[:1].isdigit():
        return True
    is_initial = len(word) == 1 and word.isalpha() and word.isupper()
    is_dotted = "." in word and all(len(part) == 1 for part in word.split("."))
    return (is_initial or is_dotted or low in words.others) and not starts


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
