"""Figures against a case computed by hand."""

import numpy as np
import pytest

from claimnli.records import Relation
from claimnli.training.metrics import score


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
