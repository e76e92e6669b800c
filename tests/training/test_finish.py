import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from claimnli.config import ConfigError, NliConfig
from claimnli.errors import ClaimnliError
from claimnli.nli.calibration import load_calibration
from claimnli.nli.model import NliModel, load_model
from claimnli.training import finish
from claimnli.training.config import AverageConfig, TrainConfig
from claimnli.training.finish import (
    average_weights,
    calibrate,
    names_of_natural_sets,
    operating_point,
)
from claimnli.training.metrics import CurvePoint, score
from claimnli.training.mixture import load_dev


def curve(*rates: float) -> list[CurvePoint]:
    """False contradictions at 0.4, 0.5, 0.6 ..."""
    return [
        CurvePoint(
            threshold=round(0.4 + 0.1 * i, 1),
            n_called=9,
            precision=0.5,
            recall=0.5,
            false_contradiction_rate=rate,
        )
        for i, rate in enumerate(rates)
    ]


def test_the_operating_point_is_the_lowest_at_which_false_contradictions_are_rare() -> None:
    assert operating_point(curve(0.09, 0.05, 0.02, 0.01, 0.0), 0.02) == 0.6
    assert operating_point(curve(0.0, 0.0, 0.0), 0.02) == 0.5


def test_the_operating_point_is_the_highest_if_they_never_are() -> None:
    assert operating_point(curve(0.09, 0.08, 0.07), 0.02) == 0.6


def test_the_operating_point_is_chosen_where_contradictions_are_rare() -> None:
    rare = np.array([0] * 10 + [1] + [2] * 20)
    written = np.array([0, 1, 2] * 5)
    assert names_of_natural_sets({"written": written, "events": rare}) == ["events"]
    assert names_of_natural_sets({"written": written}) == ["written"]


def test_weights_are_averaged_with_another_models(tiny_checkpoints: dict[str, Path]) -> None:
    folder = tiny_checkpoints["bert"]
    stored = load_file(folder / "model.safetensors")
    trained = {name: np.zeros_like(array) for name, array in stored.items()}
    average = AverageConfig(model=str(folder), share=0.25)
    mean = average_weights(trained, average, "model.safetensors")
    for name, array in stored.items():
        np.testing.assert_allclose(mean[name], 0.25 * array, atol=1e-6)

    other = AverageConfig(model=str(tiny_checkpoints["mpnet"]), share=0.25)
    for settings, file_name in ((other, "model.safetensors"), (average, "adapter.safetensors")):
        with pytest.raises(ClaimnliError, match="differ in shape"):
            average_weights(trained, settings, file_name)
    with pytest.raises(ConfigError, match="between 0 and 1"):
        AverageConfig(model="mini", share=1.0)


def test_figures_are_those_of_the_model_as_it_is_used(
    run_config: TrainConfig,
    tiny_checkpoints: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load_hasty(config: NliConfig) -> NliModel:
        """Reads one order of every pair, once there is a calibration."""
        return load_model(replace(config, dtype="float32", one_order_from=0.0))

    monkeypatch.setattr(finish, "load_model", load_hasty)
    folder = Path(shutil.copytree(tiny_checkpoints["mpnet"], tmp_path / "model"))
    scores = calibrate(run_config, folder)
    model = load_hasty(NliConfig(model=str(folder)))
    for name, examples in load_dev(run_config.dev).items():
        rows = np.arange(len(examples))
        texts = examples.premises + examples.hypotheses
        probabilities = model.relation_probabilities(texts, rows, rows + len(rows))
        assert scores[name] == score(probabilities, examples.gold())
        calibration = load_calibration(folder)
        assert calibration is not None
        in_both = model.relation_logits(texts, rows, rows + len(rows))
        assert scores[name] != score(calibration.apply(in_both), examples.gold())
