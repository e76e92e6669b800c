"""How good a model is on labelled pairs, by label."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from claimnli.errors import ClaimnliError
from claimnli.records import RELATIONS, FloatArray, ModelInfo, Relation
from claimnli.training.config import DataConfig
from claimnli.training.metrics import Scores, score
from claimnli.training.mixture import TARGETS, Examples, load_examples, read_columns

if TYPE_CHECKING:
    from claimnli.nli.model import NliModel


def evaluate(model: "NliModel", data: DataConfig) -> Scores:
    """Scores of *model* on all rows of one data set.

    A set labelled agreement or unrelated has no direction, and the model gives the relation it
    would give in a comparison. A set labelled entailment or neutral has one: only premise ->
    hypothesis is read. Two-way sets are scored by the two sides of their labels (see ``_two_way``).
    """
    examples = load_examples(data)
    probabilities = predict(model, examples, directional=is_directional(data))
    gold = examples.gold()
    if (gold < 0).any():
        probabilities, gold = _two_way(probabilities, examples, data.path)
    return score(probabilities, gold)


def is_directional(data: DataConfig) -> bool:
    """Whether a set's labels speak of entailment, by the labels themselves."""
    labels = set(load_labels(data))
    return not labels & {str(Relation.AGREEMENT), str(Relation.UNRELATED)}


def predict(model: "NliModel", examples: Examples, *, directional: bool) -> FloatArray:
    """(n, 3) calibrated probabilities in the order of RELATIONS."""
    texts = sorted(set(examples.premises) | set(examples.hypotheses))
    position = {text: i for i, text in enumerate(texts)}
    index_a = np.array([position[text] for text in examples.premises], dtype=np.int32)
    index_b = np.array([position[text] for text in examples.hypotheses], dtype=np.int32)
    if directional:
        return model.directional_probabilities(texts, index_a, index_b)
    return model.relation_probabilities(texts, index_a, index_b)


def _two_way(
    probabilities: FloatArray, examples: Examples, name: str
) -> tuple[FloatArray, np.ndarray]:
    """Entailment against the rest, where the rest counts as unrelated on both sides."""
    agreement, unrelated = (RELATIONS.index(r) for r in (Relation.AGREEMENT, Relation.UNRELATED))
    is_agreement = examples.gold() == agreement
    if not (is_agreement | (examples.targets == TARGETS["not_entailment"]).all(axis=1)).all():
        raise ClaimnliError(
            f"{name}: mixes two-way labels with others",
            mend="Evaluate a set of entailment and not_entailment by itself.",
        )
    folded = np.zeros_like(probabilities)
    folded[:, agreement] = probabilities[:, agreement]
    folded[:, unrelated] = 1.0 - probabilities[:, agreement]
    return folded, np.where(is_agreement, agreement, unrelated)


def load_labels(data: DataConfig) -> Sequence[str]:
    """The labels of a set as ours, row by row."""
    table = read_columns(data)
    if data.label not in table:
        raise ClaimnliError(
            f"{data.path}: no column {data.label}", mend=f"There are: {', '.join(table)}."
        )
    return [data.labels.get(str(label), str(label).lower()) for label in table[data.label]]


def print_scores(info: ModelInfo, scores: dict[str, Scores]) -> None:
    """Two tables on the terminal: one line a set, and one line a label of a set."""
    from rich.console import Console
    from rich.table import Table

    sets = Table(title=f"{info.name} ({info.device}, {info.dtype})", title_justify="left")
    for column in ("set", "pairs", "accuracy", "macro-F1", "false contr.", "ECE"):
        sets.add_column(column, justify="left" if column == "set" else "right", overflow="fold")
    labels = Table()
    for column in ("set", "label", "P", "R", "F1", *(f"as {r[:5]}." for r in RELATIONS)):
        labels.add_column(
            column,
            justify="left" if column in ("set", "label") else "right",
            overflow="fold",
        )
    for name, entry in scores.items():
        figures = (entry.accuracy, entry.macro_f1, entry.false_contradiction_rate)
        cells = [f"{figure:.3f}" for figure in (*figures, entry.calibration_error)]
        sets.add_row(name, str(entry.n_pairs), *cells)
        for i, (relation, label) in enumerate(entry.labels.items()):
            cells = [f"{figure:.3f}" for figure in (label.precision, label.recall, label.f1)]
            labels.add_row(name, relation, *cells, *map(str, entry.confusion[i]))
    console = Console()
    console.print(sets)
    console.print(labels)
