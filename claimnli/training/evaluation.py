"""How good a model is on labelled pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from claimnli.errors import ClaimnliError
from claimnli.records import RELATIONS, FloatArray, Relation
from claimnli.training.config import DataConfig
from claimnli.training.metrics import Scores, score
from claimnli.training.mixture import TARGETS, Examples, examples_of, read_columns

if TYPE_CHECKING:
    from claimnli.nli.model import NliModel

_AGREEMENT = RELATIONS.index(Relation.AGREEMENT)
_UNRELATED = RELATIONS.index(Relation.UNRELATED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledSet:
    """Pairs to score a model on."""

    name: str
    examples: Examples
    gold: np.ndarray
    """(n,) positions in RELATIONS."""
    has_direction: bool
    """The labels speak of entailment: only premise -> hypothesis is read."""
    is_two_way: bool
    """Entailment against the rest, where the rest counts as unrelated on both sides: whether it
    contradicts is not known."""


def load_set(
    data: DataConfig, *, name: str = "", seed: int = 13, has_direction: bool | None = None
) -> LabelledSet:
    """The rows of one data set, or ``data.max_rows`` of them drawn with *seed*.

    A set labelled agreement or unrelated has no direction, one labelled entailment or neutral has
    one; *has_direction* says it where neither kind of label occurs. Raises ClaimnliError for rows
    without a single label, unless the set is two-way throughout.
    """
    table = read_columns(data)
    examples = examples_of(table, data)
    if data.max_rows and len(examples) > data.max_rows:
        rng = np.random.default_rng(seed)
        examples = examples.take(np.sort(rng.choice(len(examples), data.max_rows, replace=False)))
    gold, is_two_way = _gold(examples, data.path)
    return LabelledSet(
        name=name or data.path,
        examples=examples,
        gold=gold,
        has_direction=_is_directional(table, data) if has_direction is None else has_direction,
        is_two_way=is_two_way,
    )


def evaluate(model: "NliModel", data: DataConfig) -> Scores:
    """Scores of *model* on one data set, see ``load_set`` and ``predict``."""
    labelled = load_set(data)
    return score(predict(model, labelled), labelled.gold)


def predict(model: "NliModel", labelled: LabelledSet) -> FloatArray:
    """(n, 3) calibrated probabilities in the order of RELATIONS.

    Of a set without a direction they are those that a comparison would give. Of a two-way set the
    probability of contradiction is added to unrelated.
    """
    texts, index_a, index_b = _indexed(labelled.examples)
    if labelled.has_direction:
        probabilities = model.directional_probabilities(texts, index_a, index_b)
    else:
        probabilities = model.relation_probabilities(texts, index_a, index_b)
    if not labelled.is_two_way:
        return probabilities
    folded = np.zeros_like(probabilities)
    folded[:, _AGREEMENT] = probabilities[:, _AGREEMENT]
    folded[:, _UNRELATED] = 1.0 - probabilities[:, _AGREEMENT]
    return folded


def swap_consistency(model: "NliModel", labelled: LabelledSet) -> float | None:
    """Share of the pairs (A, B) whose label is the same when (B, A) is read.

    Each order is read by itself here. The relation that a comparison prints is folded from both
    orders and is the same by construction; this figure says how far the model needs the folding.
    None for a set with a direction, in which A may entail B and B not A.
    """
    if labelled.has_direction:
        return None
    texts, index_a, index_b = _indexed(labelled.examples)
    probabilities = model.directional_probabilities(
        texts, np.concatenate([index_a, index_b]), np.concatenate([index_b, index_a])
    )
    forth, back = np.split(probabilities.argmax(axis=1), 2)
    return float((forth == back).mean())


def _is_directional(table: Mapping[str, Sequence[object]], data: DataConfig) -> bool:
    labels = {data.labels.get(str(label), str(label).lower()) for label in table[data.label]}
    return not labels & {str(Relation.AGREEMENT), str(Relation.UNRELATED)}


def _indexed(examples: Examples) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The different texts, and where in them both sides of each pair stand."""
    texts = sorted(set(examples.premises) | set(examples.hypotheses))
    position = {text: i for i, text in enumerate(texts)}
    index_a = np.array([position[text] for text in examples.premises], dtype=np.int32)
    index_b = np.array([position[text] for text in examples.hypotheses], dtype=np.int32)
    return texts, index_a, index_b


def _gold(examples: Examples, name: str) -> tuple[np.ndarray, bool]:
    """The labels, and whether they are two-way."""
    gold = examples.gold()
    if not len(gold):
        raise ClaimnliError(f"{name}: no labelled rows", mend="Look at the labels of the file.")
    if (gold >= 0).all():
        return gold, False
    is_rest = (examples.targets == TARGETS["not_entailment"]).all(axis=1)
    if not ((gold == _AGREEMENT) | is_rest).all():
        raise ClaimnliError(
            f"{name}: rows with not one of the three labels, and others that are not two-way",
            mend="Give each row one label, or all rows entailment or not_entailment.",
        )
    return np.where(is_rest, _UNRELATED, _AGREEMENT), True
