"""A whole comparison, stage by stage: for a process that has done nothing else."""

import gc
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

import torch

from claimnli.benchmark.growth.records import Compared, StageFigures
from claimnli.benchmark.machine import read_peak_memory, reset_peak_memory
from claimnli.comparison import StageTiming
from claimnli.config import Config
from claimnli.progress import LineProgress, Stage
from claimnli.report import write_report
from claimnli.verifier import Verifier, load

_HOST = torch.device("cpu")
_ITEMS = {
    "read articles": "articles",
    "extract claims": "claims",
    "find reprints": "articles",
    "embed claims": "claims",
    "select pairs": "candidate pairs",
    "label pairs": "labels",
    "compare": "labels",
    "write report": "labels",
}
"""What the stages count."""


def measure_comparison(folder: Path, config: Config) -> Compared:
    """Load the models of *config* and compare the articles in *folder*."""
    return time_stages(load(config=config), folder)


def time_stages(verifier: Verifier, folder: Path) -> Compared:
    """Compare the articles in *folder* and write the report to a place that is deleted.

    Each finished stage is told on stderr.
    """
    gc.collect()
    loaded_bytes = reset_peak_memory(_HOST)
    progress = _WatchedStages(sys.stderr)
    comparison = verifier.compare(folder, progress=progress)
    with TemporaryDirectory() as output, progress.stage("write report") as stage:
        write_report(comparison, Path(output))
        stage.n_items = len(comparison.pairs)
    seconds = sum(timing.seconds for timing in progress.timings)
    stages = tuple(
        _figures(timing, seconds, max(0, peak - loaded_bytes))
        for timing, peak in zip(progress.timings, progress.peaks, strict=True)
    )
    return Compared(
        n_articles=len(comparison.articles),
        n_claims=len(comparison.claims),
        n_pairs=len(comparison.pairs),
        seconds=seconds,
        peak_bytes=max(stage.peak_bytes for stage in stages),
        largest_stage=max(stages, key=lambda stage: stage.seconds).stage,
        stages=stages,
    )


class _WatchedStages(LineProgress):
    """Keeps the peak memory of every stage."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream, seconds_between=60)
        self.peaks: list[int] = []
        """Bytes, in the order of ``timings``."""

    def on_start(self, stage: Stage) -> None:
        reset_peak_memory(_HOST)
        super().on_start(stage)

    def on_end(self, stage: Stage, seconds: float) -> None:
        self.peaks.append(read_peak_memory(_HOST))
        super().on_end(stage, seconds)


def _figures(timing: StageTiming, total_seconds: float, peak_bytes: int) -> StageFigures:
    return StageFigures(
        stage=timing.stage,
        n_items=timing.n_items,
        items=_ITEMS.get(timing.stage, "items"),
        seconds=timing.seconds,
        # A stage of a fake, or of two articles, may take no time that the clock can see.
        items_per_second=timing.n_items / max(timing.seconds, 1e-9),
        share=timing.seconds / max(total_seconds, 1e-9),
        peak_bytes=peak_bytes,
    )
