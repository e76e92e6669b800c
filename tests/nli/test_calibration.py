"""Temperature and bias: fitted, stored, applied."""

from pathlib import Path

import numpy as np
import pytest

from claimnli.errors import ClaimnliError
from claimnli.nli.calibration import (
    Calibration,
    calibration_error_by_chance,
    expected_calibration_error,
    fit_calibration,
    load_calibration,
)
from claimnli.nli.folding import softmax
from claimnli.records import FloatArray, IntArray


def sample(temperature: float, bias: tuple[float, float, float]) -> tuple[FloatArray, IntArray]:
    """Logits, and labels drawn from what a calibration makes of them."""
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=3.0, size=(20_000, 3)).astype(np.float32)
    true = Calibration(temperature=temperature, bias=bias).apply(logits)
    labels = (rng.random((len(true), 1)) > true.cumsum(axis=1)).sum(axis=1).clip(max=2)
    return logits, labels.astype(np.int32)


def test_the_fit_finds_what_the_labels_were_drawn_from() -> None:
    logits, labels = sample(2.5, (0.8, -0.3, -0.5))
    fitted = fit_calibration(logits, labels)
    assert fitted.temperature == pytest.approx(2.5, rel=0.05)
    np.testing.assert_allclose(fitted.bias, (0.8, -0.3, -0.5), atol=0.1)


def test_the_fit_lowers_the_calibration_error() -> None:
    logits, labels = sample(3.0, (0.0, 0.0, 0.0))
    before = expected_calibration_error(softmax(logits), labels)
    after = expected_calibration_error(fit_calibration(logits, labels).apply(logits), labels)
    assert before > 0.1
    assert after < 0.02


def test_a_dev_set_without_an_error_gives_finite_numbers() -> None:
    labels = np.arange(30) % 3
    fitted = fit_calibration(np.eye(3, dtype=np.float32)[labels], labels)
    assert 0.0 < fitted.temperature < 1.0
    assert np.isfinite(fitted.apply(np.eye(3, dtype=np.float32))).all()


def test_no_examples_cannot_be_fitted() -> None:
    with pytest.raises(ClaimnliError, match="no examples"):
        fit_calibration(np.zeros((0, 3), dtype=np.float32), [])


def test_calibration_is_stored_and_read(tmp_path: Path) -> None:
    assert load_calibration(tmp_path) is None
    calibration = Calibration(temperature=1.7, bias=(0.25, -0.5, 0.25), operating_point=0.8)
    calibration.save(tmp_path)
    assert load_calibration(tmp_path) == calibration


@pytest.mark.parametrize("text", ["", "[]", '{"temperature": 1}', '{"temperature": 0, "bias": {}}'])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "calibration.json").write_text(text)
    with pytest.raises(ClaimnliError, match=r"calibration\.json: not a calibration"):
        load_calibration(tmp_path)


def test_without_calibration_nothing_changes() -> None:
    logits = np.array([[1.0, 2.0, 3.0], [np.nan, 0.0, 0.0]], dtype=np.float32)
    probabilities = Calibration().apply(logits)
    np.testing.assert_allclose(probabilities[0], softmax(logits[0]), rtol=1e-6)
    assert np.isnan(probabilities[1]).all()


def test_calibration_error_of_known_bins() -> None:
    # Two at 0.9, one of them right; two at 0.6, both right: (|0.5 - 0.9| + |1.0 - 0.6|) / 2.
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.4, 0.6]], dtype=np.float32)
    error = expected_calibration_error(probabilities, [0, 1, 0, 1])
    assert error == pytest.approx(0.4, abs=1e-6)
    assert expected_calibration_error(probabilities[:0], []) == 0.0


def test_few_examples_show_an_error_of_a_calibrated_model_by_chance() -> None:
    probabilities = np.full((400, 3), [0.7, 0.2, 0.1], dtype=np.float32)
    by_chance = calibration_error_by_chance(probabilities)
    # The mean distance of a binomial share from 0.7: sqrt(2 / pi) standard deviations.
    assert by_chance == pytest.approx((2 / np.pi * 0.7 * 0.3 / 400) ** 0.5, rel=0.15)
    assert calibration_error_by_chance(probabilities) == by_chance
    assert calibration_error_by_chance(probabilities[:25]) > 2 * by_chance
    sure = np.array([[1.0, 0.0, 0.0]] * 9, dtype=np.float32)
    assert calibration_error_by_chance(sure) == 0.0
    assert calibration_error_by_chance(probabilities[:0]) == 0.0
