"""Small sets of hand-written pairs, one file a shape that models get wrong.

In the style of CheckList (Ribeiro et al. 2020, arXiv:2005.04118): each shape is reported by itself,
since a mean over a large set hides it. data/checks/README.md says what the shapes are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from claimnli.errors import ClaimnliError
from claimnli.records import RELATIONS, Relation
from claimnli.training.config import DataConfig
from claimnli.training.evaluation import LabelledSet, load_set, predict
from claimnli.training.metrics import score

if TYPE_CHECKING:
    from claimnli.nli.model import NliModel

_PACKAGE = Path(__file__).parents[1]
_PLACES = (_PACKAGE / "checks", _PACKAGE.parent / "data" / "checks")
"""In an installed package, and in a source checkout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeScore:
    """Of one shape, or of several together; None for a ratio without cases."""

    n_pairs: int
    accuracy: float
    n_false_contradictions: int
    """Pairs that are no contradiction but are called one."""
    false_contradiction_rate: float | None
    """Their share of the pairs that are no contradiction."""
    contradiction_precision: float | None
    """None, too, where no pair is a contradiction: it could only be 0."""
    contradiction_recall: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckScores:
    """Of all checks."""

    shapes: Mapping[str, ShapeScore]
    total: ShapeScore
    """All pairs together."""
    mean_accuracy: float
    """Over the shapes, each counting the same."""


def load_checks(folder: Path | None = None) -> list[LabelledSet]:
    """The files *.jsonl of *folder*, by default claimnli's own, each named by its shape.

    They have the columns premise, hypothesis and label (agreement, contradiction or unrelated).
    Raises ClaimnliError if there are none.
    """
    places = _PLACES if folder is None else (folder,)
    files = next((found for place in places if (found := sorted(place.glob("*.jsonl")))), [])
    if not files:
        raise ClaimnliError(
            f"{places[-1]}: there are no checks",
            mend="They are in the folder data/checks of claimnli's source repository.",
        )
    return [
        # A shape of contradictions only does not show that its labels have no direction.
        load_set(DataConfig(path=str(file.resolve())), name=file.stem, has_direction=False)
        for file in files
    ]


def run_checks(model: "NliModel", checks: list[LabelledSet]) -> CheckScores:
    """The relation that a comparison would print, against the label, by shape."""
    confusions = {
        shape.name: np.array(score(predict(model, shape), shape.gold).confusion) for shape in checks
    }
    shapes = {name: shape_score(confusion) for name, confusion in confusions.items()}
    return CheckScores(
        shapes=shapes,
        total=shape_score(sum(confusions.values(), np.zeros((3, 3), dtype=int))),
        mean_accuracy=float(np.mean([shape.accuracy for shape in shapes.values()])),
    )


def shape_score(confusion: np.ndarray) -> ShapeScore:
    """From a (3, 3) table, rows gold and columns predicted, in the order of RELATIONS."""
    contradiction = RELATIONS.index(Relation.CONTRADICTION)
    n_gold, n_called = int(confusion[contradiction].sum()), int(confusion[:, contradiction].sum())
    n_hits, n_pairs = int(confusion[contradiction, contradiction]), int(confusion.sum())
    return ShapeScore(
        n_pairs=n_pairs,
        accuracy=float(confusion.trace() / n_pairs),
        n_false_contradictions=n_called - n_hits,
        false_contradiction_rate=_ratio(n_called - n_hits, n_pairs - n_gold),
        contradiction_precision=_ratio(n_hits, n_called) if n_gold else None,
        contradiction_recall=_ratio(n_hits, n_gold),
    )


def _ratio(n: int, n_of: int) -> float | None:
    return n / n_of if n_of else None
