"""Figures against a case computed by hand."""

import numpy as np
import pytest

from claimnli.records import Relation
from claimnli.training.metrics import THRESHOLDS, contradiction_curve, score


def test_figures_of_a_case_by_hand() -> None:
    gold = np.array([0, 0, 1, 1, 2, 2])
    predicted = np.array([0, 1, 1, 1, 2, 0])
    scores = score(np.eye(3, dtype=np.float32)[predicted], gold)
    assert scores.confusion == [[1, 1, 0], [0, 2, 0], [1, 0, 1]]
    assert scores.accuracy == pytest.approx(4 / 6)
    contradiction = scores.labels[Relation.CONTRADICTION]
    assert (contradiction.precision, contradiction.recall) == pytest.approx((2 / 3, 1.0))
    assert contradiction.f1 == pytest.approx(0.8)
    assert scores.macro_f1 == pytest.approx((0.5 + 0.8 + 2 / 3) / 3)
    assert scores.false_contradiction_rate == pytest.approx(1 / 4)
    assert scores.calibration_error == pytest.approx(2 / 6)  # sure of all, wrong in two


def test_a_label_that_never_occurs_is_no_part_of_macro_f1() -> None:
    scores = score(np.eye(3, dtype=np.float32)[[0, 2]], np.array([0, 2]))
    assert scores.macro_f1 == 1.0
    assert scores.labels[Relation.CONTRADICTION].n_gold == 0


def test_a_higher_threshold_calls_fewer_contradictions() -> None:
    gold = np.array([1, 1, 0, 2])
    probabilities = np.array(
        [[0.0, 0.9, 0.1], [0.3, 0.6, 0.1], [0.2, 0.7, 0.1], [0.05, 0.45, 0.5]], dtype=np.float32
    )
    curve = {point.threshold: point for point in contradiction_curve(probabilities, gold)}
    assert tuple(curve) == THRESHOLDS
    assert (THRESHOLDS[0], THRESHOLDS[-1]) == (0.3, 0.95)
    # The last pair is no contradiction at 0.3 either: unrelated is more probable.
    assert [curve[t].n_called for t in (0.3, 0.65, 0.8, 0.95)] == [3, 2, 1, 0]
    assert [curve[t].precision for t in (0.3, 0.65, 0.8, 0.95)] == pytest.approx([2 / 3, 0.5, 1, 0])
    assert [curve[t].recall for t in (0.3, 0.65, 0.95)] == [1.0, 0.5, 0.0]
    assert [curve[t].false_contradiction_rate for t in (0.65, 0.8)] == [0.5, 0.0]
