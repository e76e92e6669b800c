"""From settings to the tables, with tiny models and in this process."""

import json
import os
from collections.abc import Callable, Mapping
from itertools import islice, product
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

import pytest
import torch

from claimnli.benchmark.growth.comparing import time_stages
from claimnli.benchmark.growth.news import invent_articles, read_material, write_articles
from claimnli.benchmark.growth.records import Compared, GrowthResult, StageFigures
from claimnli.benchmark.growth.run import GrowthSettings, run_growth
from claimnli.benchmark.growth.scoring import measure_scoring
from claimnli.benchmark.growth.table import format_growth, write_growth
from claimnli.benchmark.machine import read_peak_memory, reset_peak_memory
from claimnli.config import Config, NliConfig
from claimnli.errors import ClaimnliError
from claimnli.verifier import Verifier
from tests.fakes import FakeEncoder, FakeModel

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


def start_here(measure: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
    return measure(*arguments)


def settings_for(checkpoint: Path, data: Path, **changes: Any) -> GrowthSettings:
    nli = NliConfig(model=str(checkpoint), device="cpu", dtype="bfloat16", max_tokens=64)
    given: dict[str, Any] = {"parts": ("scoring", "assembly"), "sizes": (40, 10), "repeats": 1}
    return GrowthSettings(config=Config(nli=nli), data=data, **given | changes)


@pytest.fixture
def compared(data: Path, tmp_path: Path) -> Compared:
    folder = tmp_path / "news"
    write_articles(islice(invent_articles(read_material(data)), 12), folder)
    return time_stages(Verifier(encoder=FakeEncoder(), model=FakeModel()), folder)


def test_pairs_scored_and_assembled(tiny_checkpoints: Mapping[str, Path], data: Path) -> None:
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    n_threads = torch.get_num_threads()
    said: list[str] = []
    settings = settings_for(tiny_checkpoints["mpnet"], data)
    result = run_growth(settings, said.append, start=start_here)

    assert said == ["10 pairs scored", "40 pairs scored", "40 pairs assembled"]
    assert [row.n_pairs for row in result.scored] == [10, 40]
    for row in result.scored:
        assert row.pairs_per_second == pytest.approx(row.n_pairs / row.seconds)
        assert 0 < row.n_texts <= 2 * row.n_pairs
        assert 3 < row.mean_tokens <= 64
        assert row.peak_bytes >= 0
    assert result.assembly is not None
    assert result.assembly.tokenised_per_second > 0
    stores = [(row.store, row.batch_tokens) for row in result.assembly.stores]
    assert stores == list(product(["in memory", "memory-mapped"], [2048, 65_536]))
    for store in result.assembly.stores:
        assert store.n_pairs == 40
        assert 0 < store.gather_seconds < store.engine_seconds
    assert (result.compared, result.not_measured) == (None, {})
    # One core and one thread were for the assembly alone.
    assert torch.get_num_threads() == n_threads
    if cores is not None:
        assert os.sched_getaffinity(0) == cores


def test_what_fails_is_told_and_the_rest_goes_on(
    tiny_checkpoints: Mapping[str, Path], data: Path
) -> None:
    def start(measure: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        if measure is measure_scoring:  # type: ignore[comparison-overlap]
            raise RuntimeError("the process died")
        return measure(*arguments)

    settings = settings_for(tiny_checkpoints["bert"], data, sizes=(10,))
    result = run_growth(settings, lambda line: None, start=start)
    assert result.scored == ()
    assert result.assembly is not None
    assert result.not_measured == {"10 pairs scored": "the process died"}
    assert "10 pairs scored: not measured (the process died)" in format_growth(result)


def test_every_stage_of_a_comparison_is_measured(compared: Compared) -> None:
    names = [row.stage for row in compared.stages]
    assert names[0] == "read articles"
    assert names[-1] == "write report"
    assert {"extract claims", "embed claims", "select pairs", "label pairs"} < set(names)
    # A new stage wants a word for what it counts.
    assert "items" not in {row.items for row in compared.stages}
    assert compared.n_articles == 12
    n_items = {row.stage: row.n_items for row in compared.stages}
    assert n_items["extract claims"] == compared.n_claims > 12 * 4
    assert n_items["label pairs"] == compared.n_pairs > 10
    assert sum(row.share for row in compared.stages) == pytest.approx(1)
    assert sum(row.seconds for row in compared.stages) == pytest.approx(compared.seconds)
    slowest = max(compared.stages, key=lambda row: row.seconds)
    assert compared.largest_stage == slowest.stage
    assert compared.peak_bytes == max(row.peak_bytes for row in compared.stages)


def test_the_table_and_the_file(
    tiny_checkpoints: Mapping[str, Path], data: Path, tmp_path: Path, compared: Compared
) -> None:
    measured = run_growth(
        settings_for(tiny_checkpoints["bert"], data), lambda line: None, start=start_here
    )
    stage = StageFigures(
        stage="label pairs",
        n_items=400_000,
        items="labels",
        seconds=1234.5,
        items_per_second=324.0,
        share=0.875,
        peak_bytes=2_500_000_000,
    )
    result = GrowthResult(
        date="2026-01-02",
        machine="a machine",
        model="mini",
        device="cuda:1",
        dtype="bfloat16",
        seed=0,
        scored=measured.scored,
        assembly=measured.assembly,
        compared=Compared(
            n_articles=2000,
            n_claims=28_000,
            n_pairs=400_000,
            seconds=1410.9,
            peak_bytes=2_500_000_000,
            largest_stage="label pairs",
            stages=(stage,),
        ),
        not_measured={},
    )
    lines = format_growth(result)
    assert lines[0] == "a machine"
    header = next(i for i, line in enumerate(lines) if line.split()[:2] == ["pairs", "texts"])
    assert [line.split()[0] for line in lines[header + 1 : header + 3]] == ["10", "40"]
    assert any(line.startswith("memory-mapped ") for line in lines)
    row = next(line for line in lines if line.startswith("label pairs"))
    assert row.split()[2:] == ["400,000", "labels", "1,234.50", "324", "87.5%", "2,500"]
    assert lines[-1] == "largest stage: label pairs, 87.5% of the time"
    assert max(map(len, lines[1:])) <= 100

    path = write_growth(result, tmp_path / "results")
    assert path.name == "growth-mini-cuda.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["compared"]["stages"][0]["n_items"] == 400_000
    assert written["scored"][1]["n_pairs"] == 40


def test_a_peak_of_memory_begins_anew() -> None:
    device = torch.device("cpu")
    before = reset_peak_memory(device)
    taken = torch.ones(50_000_000)
    assert read_peak_memory(device) - before > 150e6
    del taken
    if Path("/proc/self/clear_refs").exists():
        assert reset_peak_memory(device) - before < 100e6
        assert read_peak_memory(device) - before < 100e6


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"parts": ("scoring", "article")}, r"(?s)no part 'article'.*articles"),
        ({"parts": ()}, "nothing to measure"),
        ({"sizes": ()}, "nothing to measure"),
        ({"sizes": (0,)}, "at least 1"),
        ({"n_articles": 1}, "articles 2"),
    ],
)
def test_settings_without_meaning(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ClaimnliError, match=message):
        GrowthSettings(**settings)
