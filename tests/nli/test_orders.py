"""The second order of a pair is read only where the first leaves its relation open."""

import shutil
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from claimnli.config import ConfigError, NliConfig
from claimnli.nli import scorer
from claimnli.nli.calibration import Calibration
from claimnli.nli.folding import fold_directions
from claimnli.nli.model import NliModel, load_model
from claimnli.records import RELATIONS, FloatArray, Relation

TEXTS = [
    "The mayor resigned on Monday.",
    "No, the mayor has not resigned.",
    "Troops",
    "Troops, troops and more troops; a mayor said so on the 3rd of May, 2024. " * 3,
    "",
    "On Monday the mayor was not there; 3,000 troops were.",
]
INDEX_A, INDEX_B = (i.ravel() for i in np.indices((len(TEXTS), len(TEXTS))))
FIRST = np.array([min(a, b, key=TEXTS.__getitem__) for a, b in zip(INDEX_A, INDEX_B, strict=True)])
SECOND = INDEX_A + INDEX_B - FIRST
CALIBRATION = Calibration(temperature=0.5, bias=(0.2, 0.0, -0.3))
UNRELATED = RELATIONS.index(Relation.UNRELATED)


@pytest.fixture
def calibrated(tiny_checkpoints: Mapping[str, Path], tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(tiny_checkpoints["mpnet"], tmp_path / "model"))
    CALIBRATION.save(folder)
    return folder


def load(folder: Path, **settings: Any) -> NliModel:
    given: dict[str, Any] = {"device": "cpu", "dtype": "float32", "max_tokens": 64}
    return load_model(NliConfig(model=str(folder), **given | settings))


def from_orders(model: NliModel, first: FloatArray, second: FloatArray) -> FloatArray:
    return CALIBRATION.apply(fold_directions(np.stack([first, second], axis=1), model.labels))


def median_unrelated(model: NliModel) -> float:
    """A threshold that half of the pairs reach in their first order."""
    first = model.logits(TEXTS, FIRST, SECOND)
    return float(np.median(from_orders(model, first, first)[:, UNRELATED]))


@pytest.mark.parametrize("batches_of_part", [1, 128])
def test_a_pair_that_its_first_order_settles_is_read_once(
    calibrated: Path, batches_of_part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorer, "_BATCHES_OF_PART", batches_of_part)
    plain = load(calibrated)
    threshold = median_unrelated(plain)
    first, second = plain.logits(TEXTS, FIRST, SECOND), plain.logits(TEXTS, SECOND, FIRST)
    alone = from_orders(plain, first, first)
    is_settled = alone[:, UNRELATED] >= threshold
    assert 0 < is_settled.sum() < len(is_settled)

    model = load(calibrated, one_order_from=threshold, max_batch_tokens=200)
    n_read = 0
    forward = model._scorer._levels[-1].module.forward

    def counting(input_ids: Any, **inputs: Any) -> Any:
        nonlocal n_read
        n_read += len(input_ids)
        return forward(input_ids=input_ids, **inputs)

    monkeypatch.setattr(model._scorer._levels[-1].module, "forward", counting)
    probabilities = model.relation_probabilities(TEXTS, INDEX_A, INDEX_B)
    expected = np.where(is_settled[:, None], alone, from_orders(plain, first, second))
    np.testing.assert_allclose(probabilities, expected, atol=1e-5)
    assert np.abs(alone - from_orders(plain, first, second)).max() > 1e-3
    assert n_read == 2 * len(INDEX_A) - is_settled.sum()


def test_swapped_pairs_have_the_same_probabilities(calibrated: Path) -> None:
    model = load(calibrated, one_order_from=median_unrelated(load(calibrated)))
    forward = model.relation_probabilities(TEXTS, INDEX_A, INDEX_B)
    backward = model.relation_probabilities(TEXTS, INDEX_B, INDEX_A)
    np.testing.assert_allclose(forward, backward, atol=1e-6)


def test_a_calibration_is_fitted_on_both_orders(calibrated: Path) -> None:
    hasty, thorough = load(calibrated, one_order_from=0.0), load(calibrated, one_order_from=1.0)
    np.testing.assert_array_equal(
        hasty.relation_logits(TEXTS, INDEX_A, INDEX_B),
        thorough.relation_logits(TEXTS, INDEX_A, INDEX_B),
    )


def test_entailment_and_bare_checkpoints_are_read_in_both_orders(
    tiny_checkpoints: Mapping[str, Path], tiny_nli_checkpoint: Path, tmp_path: Path
) -> None:
    entailment = Path(shutil.copytree(tiny_nli_checkpoint, tmp_path / "nli"))
    CALIBRATION.save(entailment)
    for folder in (entailment, tiny_checkpoints["mpnet"]):
        hasty, thorough = load(folder, one_order_from=0.0), load(folder, one_order_from=1.0)
        np.testing.assert_array_equal(
            hasty.relation_probabilities(TEXTS, INDEX_A, INDEX_B),
            thorough.relation_probabilities(TEXTS, INDEX_A, INDEX_B),
        )


@pytest.mark.parametrize("settled", ["some", "all"])
def test_progress_never_goes_back_and_ends_at_all_pairs(
    settled: str, calibrated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorer, "_BATCHES_OF_PART", 2)
    threshold = median_unrelated(load(calibrated)) if settled == "some" else 0.0
    model = load(calibrated, one_order_from=threshold, max_batch_tokens=200)
    seen: list[tuple[int, int]] = []
    model.score_relations(
        TEXTS, INDEX_A, INDEX_B, on_progress=lambda n_done, n_total: seen.append((n_done, n_total))
    )
    assert {n_total for _, n_total in seen} == {len(INDEX_A)}
    done = [n_done for n_done, _ in seen]
    assert all(before <= after for before, after in pairwise(done))
    assert 0 < done[0] < done[-1] == len(INDEX_A)


def test_an_interruption_between_batches_keeps_finished_pairs(
    calibrated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorer, "_BATCHES_OF_PART", 1)
    threshold = median_unrelated(load(calibrated))
    model = load(calibrated, one_order_from=threshold, max_batch_tokens=200)
    finished = model.relation_probabilities(TEXTS, INDEX_A, INDEX_B)
    apply = Calibration.apply
    calls = iter(range(100))

    def interrupted(self: Calibration, logits: FloatArray) -> FloatArray:
        if next(calls) == 3:
            raise KeyboardInterrupt
        return apply(self, logits)

    monkeypatch.setattr(Calibration, "apply", interrupted)
    scores = model.score_relations(TEXTS, INDEX_A, INDEX_B)
    is_done = scores.is_scored
    assert 0 < is_done.sum() < len(is_done)
    np.testing.assert_allclose(scores.probabilities[is_done], finished[is_done], atol=1e-5)


@pytest.mark.parametrize("value", [80.0, -0.1, float("nan")])
def test_the_threshold_is_a_probability(value: float) -> None:
    with pytest.raises(ConfigError, match="from 0 to 1"):
        NliConfig(one_order_from=value)
