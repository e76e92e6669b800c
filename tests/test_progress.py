import io
from contextlib import suppress

import pytest

from claimnli.progress import BarProgress, LineProgress, Progress


def test_a_stage_is_timed_and_counted() -> None:
    progress = Progress()
    with progress.stage("label pairs") as stage:
        stage.update(3, 10)
        stage.update(10, 10)
    [timing] = progress.timings
    assert (timing.stage, timing.n_items) == ("label pairs", 10)
    assert timing.seconds >= 0


def test_a_stage_that_fails_is_counted_as_far_as_it_got() -> None:
    progress = Progress()
    with suppress(KeyboardInterrupt), progress.stage("label pairs") as stage:
        stage.update(3, 10)
        raise KeyboardInterrupt
    assert progress.timings[0].n_items == 3


def test_lines_say_how_much_is_left() -> None:
    stream = io.StringIO()
    progress = LineProgress(stream, seconds_between=0.0)
    with progress.stage("label pairs") as stage:
        stage.update(1_500, 3_000)
        stage.update(2_000, 3_000)
        stage.update(3_000, 3_000)
    first, second, last = stream.getvalue().splitlines()
    assert first == "label pairs: 1,500 of 3,000"
    assert second.startswith("label pairs: 2,000 of 3,000, about ")
    assert second.endswith(" s left")
    assert last.startswith("label pairs: 3,000 in ")


def test_what_was_there_before_does_not_make_the_rest_look_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.StringIO()
    clock = iter([0.0, 1.0, 11.0, 12.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    with LineProgress(stream).stage("fetch") as stage:
        stage.update(300, 400)
        stage.update(310, 400)
    assert stream.getvalue().splitlines()[0] == "fetch: 310 of 400, about 90 s left"


def test_a_short_stage_is_one_line() -> None:
    stream = io.StringIO()
    with LineProgress(stream).stage("label pairs") as stage:
        stage.update(1, 2)
    assert len(stream.getvalue().splitlines()) == 1


def test_bars_show_the_count_and_end_where_they_were_interrupted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with suppress(KeyboardInterrupt), BarProgress().stage("label pairs") as stage:
        stage.update(3, 10)
        raise KeyboardInterrupt
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "label pairs" in captured.err
    assert "3/10" in captured.err
