"""Quotation marks: which stretches of a text stand between a pair of them."""

import re
from collections.abc import Iterator

Span = tuple[int, int]
"""(start, end) offsets, end exclusive."""

_DOUBLE = re.compile(r'["“”„«»＂]')
_SINGLE = re.compile(r"['‘’‚‹›]")
_CLOSERS = {
    '"': '"”',
    "“": '”"',
    "„": "“”",
    "«": "»",
    "»": "«",
    "＂": "＂",
    "'": "'’",
    "‘": "’'",
    "‚": "‘’",
    "‹": "›",
    "›": "‹",
}
_ALWAYS_OPEN = "“„«‘‚‹"
_OPEN_AFTER = "([{—–-/\"“„«'‘‚"
_PAUSE = ".,!?…;:-—–"
_SENTENCE_END = re.compile(r"[.!?…]\s")


def quoted_spans(text: str, start: int, end: int) -> list[Span]:
    """The outermost quoted stretches of ``text[start:end]``, marks included, in order.

    A mark that opens and is never closed counts for nothing, and a second opening mark starts anew:
    so one stray mark cannot swallow the rest of an article. Linear in the length.
    """
    spans = sorted([*_pairs(_DOUBLE, text, start, end), *_pairs(_SINGLE, text, start, end)])
    outermost: list[Span] = []
    for span in spans:
        if not outermost or span[0] >= outermost[-1][1]:
            outermost.append(span)
        elif span[1] > outermost[-1][1]:  # they cross: one of the two is an apostrophe
            outermost[-1] = max(span, outermost[-1], key=lambda s: text[s[0]] in '"“„«»＂')
    return outermost


def unclosed_quote(text: str, start: int, end: int, quotes: list[Span]) -> int | None:
    """Offset of a double mark that opens after the last of *quotes* and is never closed.

    Newspapers open a quotation of several paragraphs in each and close it in the last only.
    """
    last = quotes[-1][1] if quotes else start
    if last == start and text[start] == '"':
        return start
    opened = max(text.rfind(mark, last, end) for mark in "“„«")
    return opened if opened >= 0 else None


def _pairs(marks: re.Pattern[str], text: str, start: int, end: int) -> Iterator[Span]:
    opened, seen = -1, start
    has_ended = False  # whether a sentence has since *opened*
    for match in marks.finditer(text, start, end):
        i, mark = match.start(), match.group()
        before = text[i - 1] if i > start else " "
        after = text[i + 1] if i + 1 < end else " "
        has_ended = has_ended or _SENTENCE_END.search(text, seen, i) is not None
        seen = i
        if (
            opened >= 0
            and mark in _CLOSERS[text[opened]]
            and _closes(text, opened, i, after, has_ended=has_ended)
        ):
            yield opened, i + 1
            opened = -1
        elif mark in _ALWAYS_OPEN or (
            mark != "”"
            and mark != "’"
            and (before.isspace() or before in _OPEN_AFTER)
            and not after.isspace()
        ):
            opened, has_ended = i, False


def _closes(text: str, opened: int, i: int, after: str, *, has_ended: bool) -> bool:
    before = text[i - 1]
    if text[opened] in "\"“'‘" and before.isspace() and not after.isspace():
        return False
    if text[i] not in "'’":
        return True
    if after.isalnum():  # an apostrophe: don't
        return False
    # 'The boys’ house': a possessive closes no quotation in which a sentence has ended already.
    return before in _PAUSE or not has_ended
