"""Figures of a classifier over the three relations, from probabilities and gold labels."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from claimnli.nli.calibration import calibration_error_by_chance, expected_calibration_error
from claimnli.records import RELATIONS, FloatArray, Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelScore:
    """Of one label; a ratio without cases is 0."""

    precision: float
    recall: float
    f1: float
    n_gold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Of one data set."""

    n_pairs: int
    accuracy: float
    macro_f1: float
    """Mean F1 of the labels that occur in the gold."""
    false_contradiction_rate: float
    """Share of the pairs that are no contradiction but are called one."""
    calibration_error: float
    """Expected calibration error, 15 equal bins (Guo et al. 2017, arXiv:1706.04599)."""
    calibration_error_by_chance: float
    """What a perfectly calibrated model would show on so many pairs, in the mean."""
    labels: dict[Relation, LabelScore]
    confusion: list[list[int]]
    """(3, 3) rows gold, columns predicted, in the order of RELATIONS."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """Contradictions at one threshold; a ratio without cases is 0."""

    threshold: float
    n_called: int
    """Pairs that are called a contradiction."""
    precision: float
    recall: float
    false_contradiction_rate: float


THRESHOLDS = tuple(round(0.05 * i, 2) for i in range(6, 20))
"""From 0.3 to 0.95."""


def score(probabilities: FloatArray, gold: np.ndarray) -> Scores:
    """Compare *probabilities* (n, 3) with *gold* (n,), both in the order of RELATIONS."""
    predicted = probabilities.argmax(axis=1)
    confusion = np.zeros((3, 3), dtype=int)
    np.add.at(confusion, (gold, predicted), 1)
    labels = {relation: _label_score(confusion, i) for i, relation in enumerate(RELATIONS)}
    present = [entry.f1 for entry in labels.values() if entry.n_gold]
    contradiction = RELATIONS.index(Relation.CONTRADICTION)
    others = gold != contradiction
    return Scores(
        n_pairs=len(gold),
        accuracy=float((predicted == gold).mean()),
        macro_f1=float(np.mean(present)),
        false_contradiction_rate=float((predicted[others] == contradiction).mean())
        if others.any()
        else 0.0,
        calibration_error=expected_calibration_error(probabilities, gold),
        calibration_error_by_chance=calibration_error_by_chance(probabilities),
        labels=labels,
        confusion=confusion.tolist(),
    )


def contradiction_curve(probabilities: FloatArray, gold: np.ndarray) -> list[CurvePoint]:
    """What each of THRESHOLDS makes of the contradictions, to choose an operating point by.

    As in a comparison, a pair is called a contradiction if that is its most probable relation and
    has at least the threshold's probability. *probabilities* (n, 3), *gold* (n,).
    """
    contradiction = RELATIONS.index(Relation.CONTRADICTION)
    is_gold = gold == contradiction
    is_first = probabilities.argmax(axis=1) == contradiction
    points = []
    for threshold in THRESHOLDS:
        called = is_first & (probabilities[:, contradiction] >= threshold)
        n_hits, n_called = int((called & is_gold).sum()), int(called.sum())
        points.append(
            CurvePoint(
                threshold=threshold,
                n_called=n_called,
                precision=n_hits / max(1, n_called),
                recall=n_hits / max(1, int(is_gold.sum())),
                false_contradiction_rate=(n_called - n_hits) / max(1, int((~is_gold).sum())),
            )
        )
    return points


def _label_score(confusion: np.ndarray, i: int) -> LabelScore:
    hits, called, gold = confusion[i, i], confusion[:, i].sum(), confusion[i].sum()
    return LabelScore(
        precision=float(hits / called) if called else 0.0,
        recall=float(hits / gold) if gold else 0.0,
        f1=float(2 * hits / (called + gold)) if called + gold else 0.0,
        n_gold=int(gold),
    )
