"""An article's text cut into paragraphs and marked claims, for the page that quotes link to."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

_LINE = re.compile(r"\S[^\r\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stretch of the text that is shown in a way of its own."""

    start: int
    end: int
    kind: str
    """``dispute``, ``fact``, ``claim`` or ``left-out``; a class of the style sheet."""
    anchor: str = ""
    links: tuple[tuple[str, str], ...] = ()
    """(anchor, words) of the disputes and facts it stands in."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a paragraph; *mark* is None for plain text."""

    text: str
    mark: Mark | None = None
    is_first: bool = True
    """False where a mark goes on from the paragraph before."""
    is_last: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph, or the part of a long one that is shown."""

    number: int
    spans: tuple[Span, ...]
    n_skipped: int = 0
    """Characters of the article left out before it."""
    is_cut_before: bool = False
    is_cut_after: bool = False


class Lines:
    """The lines of a text that are not blank: its paragraphs, numbered from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.bounds = [match.span() for match in _LINE.finditer(text)]
        self._starts = [start for start, _ in self.bounds]

    def number(self, offset: int) -> int:
        """The paragraph that the character at *offset* stands in."""
        return max(bisect_right(self._starts, offset), 1)

    def between(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """(number, start, end) of the lines that overlap with text[start:end]."""
        first = self.number(start)
        last = bisect_right(self._starts, end - 1)
        return [
            (number, *self.bounds[number - 1])
            for number in range(first, last + 1)
            if self.bounds[number - 1][1] > start
        ]


def paragraphs(
    lines: Lines, marks: Sequence[Mark], n_context: int | None = None
) -> tuple[list[Paragraph], int]:
    """The paragraphs of a text and the number of characters left out after the last.

    With *n_context*, only the marks that have links are shown, with so many characters before and
    after each within its paragraph; without it, everything is.
    """
    marks = _disjoint(marks)
    starts = [mark.start for mark in marks]
    windows = [(0, len(lines.text))]
    if n_context is not None:
        windows = _windows(lines, [mark for mark in marks if mark.links], n_context)
    shown: list[Paragraph] = []
    position = 0
    for window_start, window_end in windows:
        for number, line_start, line_end in lines.between(window_start, window_end):
            start, end = max(line_start, window_start), min(line_end, window_end)
            inside = marks[max(bisect_right(starts, start) - 1, 0) : bisect_right(starts, end - 1)]
            n_skipped = len(lines.text[position:start].strip())
            shown.append(
                Paragraph(
                    number=number,
                    spans=_spans(lines.text, start, end, inside),
                    n_skipped=n_skipped,
                    is_cut_before=start > line_start,
                    is_cut_after=end < line_end,
                )
            )
            position = end
    return shown, len(lines.text[position:].strip())


def _disjoint(marks: Sequence[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.end)):
        start = max(mark.start, kept[-1].end) if kept else mark.start
        if start < mark.end:
            kept.append(mark if start == mark.start else replace(mark, start=start))
    return kept


def _windows(lines: Lines, marks: Sequence[Mark], n_context: int) -> list[tuple[int, int]]:
    windows: list[tuple[int, int]] = []
    for mark in marks:
        covered = lines.between(mark.start, mark.end)
        if not covered:
            continue
        start = max(covered[0][1], mark.start - n_context)
        end = min(covered[-1][2], mark.end + n_context)
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(end, windows[-1][1]))
        else:
            windows.append((start, end))
    return windows


def _spans(text: str, start: int, end: int, marks: Sequence[Mark]) -> tuple[Span, ...]:
    spans: list[Span] = []
    position = start
    for mark in marks:
        mark_start, mark_end = max(mark.start, start), min(mark.end, end)
        if mark_start >= mark_end:
            continue
        if mark_start > position:
            spans.append(Span(text=text[position:mark_start]))
        spans.append(
            Span(
                text=text[mark_start:mark_end],
                mark=mark,
                is_first=mark_start == mark.start,
                is_last=mark_end == mark.end,
            )
        )
        position = mark_end
    if position < end:
        spans.append(Span(text=text[position:end]))
    return tuple(spans)
