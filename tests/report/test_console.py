"""The terminal: both sides, plain words, nothing that an article could do to the terminal."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from claimnli.comparison import Comparison
from claimnli.report.console import print_comparison


def printed(
    comparison: Comparison, width: int = 100, max_disputes: int = 10, max_facts: int = 10
) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_comparison(comparison, console, max_disputes=max_disputes, max_facts=max_facts)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_both_sides_with_speaker_article_and_place(comparison: Comparison) -> None:
    words = " ".join(printed(comparison, width=60).split())
    assert "two hundred people left their homes." in words
    assert "– Mayor Ines Roth, in [1] Flood in Sallen" in words
    assert "characters 46 to 108" in words
    assert "B 2 articles [2, 4]" in words
    assert "also said by the water board" in words
    assert "may be an update: A 4 March 2031, B 5 March 2031" in words


@pytest.mark.parametrize("width", [60, 100])
def test_what_agrees_with_both_sides_is_shown_briefly(comparison: Comparison, width: int) -> None:
    claims = comparison.facts[0].claims
    long = replace(claims[0], text="Both sides spoke. " * 50)
    dispute = replace(comparison.disputes[0], both_sides=(claims[1], long, *claims[2:4]))
    words = " ".join(printed(replace(comparison, disputes=(dispute,)), width).split())
    assert "4 statements that agree with both sides:" in words
    assert f"{claims[1].text} – the article itself, in [2] Flood" in words
    assert words.count("Both sides spoke.") == 11
    assert "and 1 more" in words
    assert "agree with both" not in printed(comparison, width)


def test_sides_stand_beside_each_other_if_there_is_room(comparison: Comparison) -> None:
    line = next(line for line in printed(comparison).splitlines() if "A 1 article" in line)
    assert "B 2 articles" in line
    assert not [line for line in printed(comparison, width=60).splitlines() if len(line) > 60]


def test_facts_matrix_and_what_was_left_out(comparison: Comparison) -> None:
    words = " ".join(printed(comparison, width=200).split())
    assert "5 of 5" not in words
    assert "4 of 4 The Arve broke its bank" in words
    assert "3 origins" in words
    assert "no verdict on truth" in words
    assert "news/<b>.csv: It has no column 'text'. Name one." in words
    assert "news/copy.txt: has the text of news/wire.txt" in words
    assert "1,234 pairs of statements: 1,234 too unlike each other" in words
    assert "1/1" in words, "gazette and wire: one agreement, one contradiction"


def test_texts_cannot_steer_the_terminal(comparison: Comparison) -> None:
    fact = comparison.facts[0]
    evil = replace(fact.claims[0], text="[bold]A[/bold] \x1b[31mred\x07 \u202eback \ud800")
    output = printed(replace(comparison, facts=(replace(fact, claims=(evil,)),)))
    assert "[bold]A[/bold] [31mred back \ufffd" in output
    assert "\x1b" not in output
    assert "\u202e" not in output


def test_a_terminal_without_the_characters_gets_question_marks(comparison: Comparison) -> None:
    raw = io.BytesIO()
    console = Console(file=io.TextIOWrapper(raw, encoding="ascii"), width=100)
    print_comparison(comparison, console)
    console.file.flush()
    assert b"Mayor Ines Roth" in raw.getvalue()


def test_limits_are_counted(comparison: Comparison) -> None:
    words = printed(comparison, max_disputes=0, max_facts=0)
    assert "and 1 further dispute" in words
    assert "and 1 further shared statement" in words


def test_an_incomplete_run_and_an_uncalibrated_model_are_told(comparison: Comparison) -> None:
    model = replace(comparison.model, is_calibrated=False)
    words = printed(replace(comparison, is_complete=False, model=model))
    assert "Not complete: the run was interrupted." in words
    assert "model score 0.97" in words
    assert "% sure" not in words


def test_nothing_in_common(empty_comparison: Comparison) -> None:
    words = printed(empty_comparison)
    assert "No two statements were found that contradict each other." in words
    assert "Left out" not in words


def test_the_method_prints_to_the_standard_output(
    comparison: Comparison, capsys: pytest.CaptureFixture[str]
) -> None:
    comparison.print(max_facts=0)
    assert "4 articles compared" in capsys.readouterr().out
