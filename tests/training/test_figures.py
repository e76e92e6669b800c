"""Tables and the hash of a model."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from claimnli.nli.weights import ModelSource
from claimnli.records import ModelInfo
from claimnli.training.baselines import BaselineScore
from claimnli.training.checks import CheckScores, shape_score
from claimnli.training.figures import model_sha256, print_checks, print_curves, print_figures
from claimnli.training.metrics import contradiction_curve, score
from claimnli.training.suite import Figures

INFO = ModelInfo(name="toy", source="x", device="cpu", dtype="float32", is_calibrated=True)
PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]], dtype=np.float32)
GOLD = np.array([0, 0])


def source(folder: Path | None, base_folder: Path | None = None) -> ModelSource:
    hub_name = None if folder else "some/model"
    return ModelSource(
        name="toy", folder=folder, hub_name=hub_name, base_folder=base_folder, reason="as asked"
    )


def figures(*, is_two_way: bool = False) -> Figures:
    return Figures(
        scores=score(PROBABILITIES, GOLD),
        is_two_way=is_two_way,
        swap_consistency=None,
        baselines={"overlap": BaselineScore(accuracy=1.0, macro_f1=0.256)},
        curve=tuple(contradiction_curve(PROBABILITIES, GOLD)),
    )


def test_a_set_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_figures(INFO, {"toy": figures(), "two-way": figures(is_two_way=True)})
    toy, two_way = (line.split() for line in capsys.readouterr().out.splitlines()[-3:-1])
    # set, pairs, accuracy, macro-F1; P, R and F1 of agreement alone; false contradictions ...
    assert toy[:7] == ["toy", "2", "0.500", "0.667", "1.0", ".50", ".67"]
    assert toy[7:10] == ["-", "-", "0.500"]
    assert toy[-3:] == ["-", "1.0", ".26"]
    assert two_way[7:10] == ["-", "-", "-"]


def test_a_threshold_that_calls_nothing_has_no_precision(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_curves({"toy": figures()})
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["0.80", "1", "0.000", "0.000", "0.500"] in lines
    assert ["0.85", "0", "-", "0.000", "0.000"] in lines


def test_the_last_line_of_the_checks_has_the_mean(capsys: pytest.CaptureFixture[str]) -> None:
    shape = shape_score(np.array([[3, 1, 0], [0, 0, 0], [0, 0, 0]]))
    print_checks(INFO, CheckScores(shapes={"scope": shape}, total=shape, mean_accuracy=0.6))
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[-2].split() == ["scope", "4", "0.750", "1", "0.250", "-", "-"]
    assert lines[-1].split()[-6:-3] == ["4", "0.600", "1"]


def test_the_hash_is_that_of_the_lines_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "README.md").write_text("changes nothing")
    lines = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in (("config.json", b"{}"), ("model.safetensors", b"weights"))
    )
    assert model_sha256(source(tmp_path)) == hashlib.sha256(lines.encode()).hexdigest()


def test_the_hash_covers_the_calibration_and_the_weights_below(tmp_path: Path) -> None:
    adapter, base = tmp_path / "adapter", tmp_path / "base"
    for folder in (adapter, base):
        folder.mkdir()
        (folder / "x.safetensors").write_bytes(b"weights")
    hashes = [model_sha256(source(adapter)), model_sha256(source(adapter, base))]
    (base / "x.safetensors").write_bytes(b"other weights")
    hashes.append(model_sha256(source(adapter, base)))
    (adapter / "calibration.json").write_text("{}")
    hashes.append(model_sha256(source(adapter, base)))
    assert len(set(hashes)) == 4


def test_a_model_of_the_hub_has_no_hash() -> None:
    assert model_sha256(source(None)) is None
