"""From a folder to the table."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from claimnli.benchmark.run import BenchmarkSettings, run_benchmark
from claimnli.benchmark.split import PARTS
from claimnli.benchmark.table import format_result, write_json
from claimnli.config import Config, NliConfig
from claimnli.errors import ClaimnliError
from claimnli.nli.calibration import Calibration
from tests.benchmark.conftest import write_articles
from tests.fakes import FakeEncoder


def test_the_whole_run(tiny_checkpoints: Mapping[str, Path], tmp_path: Path) -> None:
    folder = write_articles(tmp_path)
    model = str(shutil.copytree(tiny_checkpoints["mpnet"], tmp_path / "mpnet"))
    # Not that of a bare checkpoint, so that both sides have to apply it.
    Calibration(temperature=0.5, bias=(0.2, 0.0, -0.3)).save(Path(model))
    nli = NliConfig(model=model, device="cpu", dtype="bfloat16", max_tokens=64)
    said: list[str] = []
    result = run_benchmark(
        BenchmarkSettings(
            folder=folder,
            config=Config(nli=nli),
            # "alone" starts processes, which takes longer than all the other tests.
            parts=("mix", "lengths", "relations", "split", "kernels"),
            only=("ours", "ours-no-rescoring", "naive"),
            lengths=(16, 32),
            n_tokens=128,
            n_sample=2,
            repeats=1,
            batch_sizes=(4,),
        ),
        said.append,
        encoder=FakeEncoder(),
    )
    assert [found.workload for found in result.workloads] == ["mix", "16", "32"]
    assert [found.n_pairs for found in result.workloads[1:]] == [8, 4]
    rows = ["ce-float32", "ours", "ours-no-rescoring", "naive"]
    assert all([row.key for row in found.rows] == rows for found in result.workloads)
    assert set(result.ceilings) == {"float32", "bfloat16"}
    for found in result.workloads:
        assert all((row.share_of_ceiling or 0) > 0 for row in found.rows)
        assert found.rows[-1].max_difference < 1e-5
    assert [part.name for part in result.split] == list(PARTS)
    assert sum(part.share for part in result.split) == pytest.approx(1)
    assert all(part.seconds > 0 for part in result.split)
    assert any("linear" in kernel.name or "mm" in kernel.name for kernel in result.kernels)
    assert result.copy_rate > 1e6
    assert "loading ours" in said
    (relations,) = result.relations
    assert relations.dtype == "bfloat16"
    assert relations.share_same_label == 1
    assert relations.ratio == pytest.approx(
        relations.pairs_per_second / relations.reference_pairs_per_second
    )

    table = "\n".join(format_result(result))
    assert "relations of 'mix', which the first row reads in both orders" in table
    assert "in bfloat16: " in table
    assert all(table.count(f"{name:6}{row:18}") == 1 for name in ("mix", "16") for row in rows)
    written = write_json(result, tmp_path / "results")
    assert written.name == "benchmark-mpnet-cpu.json"
    assert json.loads(written.read_text())["workloads"][2]["rows"][1]["key"] == "ours"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"parts": ("mix", "length")}, r"(?s)no part 'length'.*lengths"),
        ({"parts": ("alone",)}, "no pairs"),
        ({"parts": ("lengths",), "lengths": ()}, "no pairs"),
        ({"repeats": 0}, "at least 1"),
    ],
)
def test_settings_without_meaning(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ClaimnliError, match=message):
        BenchmarkSettings(folder=Path(), **settings)
