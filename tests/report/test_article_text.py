"""Cutting a text into paragraphs and marks loses nothing and repeats nothing."""

from hypothesis import given
from hypothesis import strategies as st

from claimnli.report.article_text import Lines, Mark, Paragraph, paragraphs

TEXTS = st.text(alphabet="ab .\n\r\u2028", max_size=60)
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=6)


def make_marks(spans: list[tuple[int, int]], text: str) -> list[Mark]:
    return [
        Mark(start=start, end=min(start + length, len(text)), kind="fact", links=(("x", "y"),))
        for start, length in spans
        if start < len(text)
    ]


def shown(parts: list[Paragraph]) -> str:
    return "\n".join("".join(span.text for span in part.spans) for part in parts)


@given(TEXTS, SPANS)
def test_the_whole_text_is_shown_whatever_the_marks(
    text: str, spans: list[tuple[int, int]]
) -> None:
    parts, n_after = paragraphs(Lines(text), make_marks(spans, text))
    assert shown(parts).split() == text.split()
    assert n_after == 0
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))


@given(TEXTS, SPANS, st.integers(0, 10))
def test_an_excerpt_shows_every_mark_and_counts_the_rest(
    text: str, spans: list[tuple[int, int]], n_context: int
) -> None:
    marks = make_marks(spans, text)
    parts, n_after = paragraphs(Lines(text), marks, n_context)
    marked = {i for mark in marks for i in range(mark.start, mark.end)}
    shown_marked = sum(len(s.text) for p in parts for s in p.spans if s.mark)
    on_lines = {i for start, end in Lines(text).bounds for i in range(start, end)}
    assert shown_marked == len(marked & on_lines)
    n_shown = sum(len(span.text) for part in parts for span in part.spans)
    n_skipped = sum(part.n_skipped for part in parts) + n_after
    assert n_shown + n_skipped <= len(text)
    n_blank = sum(character.isspace() for character in text)
    assert n_shown + n_skipped >= len(text) - n_blank


def test_a_long_line_is_cut_around_the_mark() -> None:
    text = "x" * 1000 + "A claim." + "y" * 1000
    mark = Mark(start=1000, end=1008, kind="dispute", links=(("dispute-1", "dispute 1"),))
    (part,), n_after = paragraphs(Lines(text), [mark], n_context=5)
    assert [span.text for span in part.spans] == ["xxxxx", "A claim.", "yyyyy"]
    assert (part.n_skipped, n_after) == (995, 995)
    assert part.is_cut_before
    assert part.is_cut_after


def test_marks_without_a_link_are_not_part_of_an_excerpt() -> None:
    parts, n_after = paragraphs(Lines("A claim."), [Mark(start=0, end=8, kind="claim")], 5)
    assert (parts, n_after) == ([], 8)


def test_a_claim_over_two_lines_is_marked_in_both_with_one_anchor() -> None:
    text = '"First line\nand second." End'
    mark = Mark(start=0, end=24, kind="fact", anchor="claim-1")
    parts, _ = paragraphs(Lines(text), [mark])
    marked = [span for part in parts for span in part.spans if span.mark]
    assert [(span.is_first, span.is_last) for span in marked] == [(True, False), (False, True)]


def test_paragraphs_are_counted_without_blank_lines() -> None:
    lines = Lines("One.\n\n \nTwo.\r\nThree.")
    assert [lines.number(offset) for offset in (0, 8, 14)] == [1, 2, 3]
