from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from claimnli.config import ConfigError
from claimnli.errors import ClaimnliError
from claimnli.training.config import AverageConfig
from claimnli.training.finish import average_weights, names_of_natural_sets, operating_point
from claimnli.training.metrics import CurvePoint


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
