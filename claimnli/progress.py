"""What a run tells while it works: every stage is timed; on a terminal it is shown as a bar."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from claimnli.comparison import StageTiming

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


@dataclass(slots=True)
class Stage:
    """A stage at work. Its code says how much is done; *n_items* ends up in the StageTiming."""

    name: str
    progress: "Progress"
    n_items: int = 0
    started: float = 0.0

    def update(self, n_done: int, n_total: int) -> None:
        """Tell that *n_done* of *n_total* items are done."""
        self.n_items = n_done
        self.progress.on_update(self, n_done, n_total)


class Progress:
    """Times the stages and shows nothing. The subclasses show; they override the three ``on_``."""

    def __init__(self) -> None:
        self.timings: list[StageTiming] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Time what stands in the ``with`` block as stage *name*; it counts if it ends by an
        error or Ctrl-C, too."""
        stage = Stage(name=name, progress=self, started=time.monotonic())
        self.on_start(stage)
        try:
            yield stage
        finally:
            seconds = time.monotonic() - stage.started
            self.timings.append(StageTiming(stage=name, n_items=stage.n_items, seconds=seconds))
            self.on_end(stage, seconds)

    def on_start(self, stage: Stage) -> None:
        """A stage begins."""

    def on_update(self, stage: Stage, n_done: int, n_total: int) -> None:
        """A stage has got on; called often."""

    def on_end(self, stage: Stage, seconds: float) -> None:
        """A stage is over, or has failed."""


class LineProgress(Progress):
    """For logs: a plain line when a stage ends, and one every *seconds_between* while it lasts.

    The time left is reckoned from the first update on, which may tell what was there before.
    """

    def __init__(self, stream: TextIO, *, seconds_between: float = 10.0) -> None:
        super().__init__()
        self._stream = stream
        self._seconds_between = seconds_between
        self._last_line = 0.0
        self._first: tuple[float, int] | None = None

    def on_start(self, stage: Stage) -> None:
        self._last_line = stage.started
        self._first = None

    def on_update(self, stage: Stage, n_done: int, n_total: int) -> None:
        now = time.monotonic()
        self._first = self._first or (now, n_done)
        if now - self._last_line < self._seconds_between or not 0 < n_done < n_total:
            return
        self._last_line = now
        line = f"{stage.name}: {n_done:,} of {n_total:,}"
        started, n_before = self._first
        if n_done > n_before:
            left = (now - started) / (n_done - n_before) * (n_total - n_done)
            line += f", about {left:,.0f} s left"
        self._write(line)

    def on_end(self, stage: Stage, seconds: float) -> None:
        self._write(f"{stage.name}: {stage.n_items:,} in {seconds:.1f} s")

    def _write(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()


class BarProgress(Progress):
    """A bar with the time left for each stage, by rich, on the terminal's stderr."""

    def __init__(self) -> None:
        super().__init__()
        self._bars: RichProgress | None = None
        self._task: TaskID | None = None

    def on_start(self, stage: Stage) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        # One rich display a stage: between stages the terminal is free for plain lines.
        self._bars = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=Console(stderr=True),
        )
        self._task = self._bars.add_task(f"{stage.name:<20}", total=None)
        self._bars.start()

    def on_update(self, stage: Stage, n_done: int, n_total: int) -> None:
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, completed=n_done, total=n_total)

    def on_end(self, stage: Stage, seconds: float) -> None:
        if self._bars is not None and self._task is not None:
            total = self._bars.tasks[0].total or stage.n_items
            self._bars.update(self._task, completed=stage.n_items, total=total)
            self._bars.stop()
