"""From what a checkpoint says about both orders of two texts to their relation.

Two vocabularies are told apart by the names of the labels:

* a *relation* checkpoint (agreement, unrelated, contradiction) has no direction; the logits of
  both orders are averaged;
* an *NLI* checkpoint (entailment, neutral, contradiction) has one. Two claims agree if either
  entails the other, since the longer of two reports of one fact entails the shorter and not the
  reverse: the larger entailment counts. A contradiction holds in both directions, so that one
  direction alone is a doubt: the mean counts. What is left is unrelated. The three are scaled to
  sum to 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from claimnli.errors import ClaimnliError
from claimnli.records import RELATIONS, FloatArray, NliLabel, Relation

_Floats = npt.NDArray[np.floating]

_SPELLINGS = {
    "entailment": NliLabel.ENTAILMENT,
    "entail": NliLabel.ENTAILMENT,
    "entails": NliLabel.ENTAILMENT,
    "entailed": NliLabel.ENTAILMENT,
    "neutral": NliLabel.NEUTRAL,
    "contradiction": NliLabel.CONTRADICTION,
    "contradict": NliLabel.CONTRADICTION,
    "contradicts": NliLabel.CONTRADICTION,
    "contradictory": NliLabel.CONTRADICTION,
    "agreement": Relation.AGREEMENT,
    "agree": Relation.AGREEMENT,
    "agrees": Relation.AGREEMENT,
    "unrelated": Relation.UNRELATED,
}
_NLI = (NliLabel.ENTAILMENT, NliLabel.CONTRADICTION, NliLabel.NEUTRAL)
"""In the order of RELATIONS: what each label is nearest to."""

# Log-probabilities stay finite; a float32 softmax does not get closer to 0 with an honest model.
_MIN_PROBABILITY = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelOrder:
    """Which column of a checkpoint's logits means what."""

    names: tuple[str, ...]
    """The labels as the checkpoint spells them, in its order."""
    has_direction: bool
    """True for an NLI checkpoint."""
    columns: tuple[int, int, int]
    """Columns of agreement, contradiction, unrelated, or of entailment, contradiction, neutral."""


def read_labels(id2label: Mapping[Any, str], *, place: str) -> LabelOrder:
    """Find the order of the labels by their names; *place* is named in errors.

    Raises ClaimnliError if the names do not tell it: a guess would silently swap the labels.
    """
    names = tuple(id2label[i] for i in sorted(id2label))
    meanings = [_SPELLINGS.get(name.strip().lower()) for name in names]
    for has_direction, wanted in ((True, _NLI), (False, RELATIONS)):
        # NliLabel and Relation share the word contradiction, and StrEnums compare as words.
        if len(meanings) == 3 and set(map(str, wanted)) == set(map(str, meanings)):
            order = [str(meaning) for meaning in meanings]
            a, b, c = (order.index(str(label)) for label in wanted)
            return LabelOrder(names=names, has_direction=has_direction, columns=(a, b, c))
    raise ClaimnliError(
        f"{place}: the labels {', '.join(names)} do not say what the model's outputs mean",
        mend='Name them in its config.json, in the order of training, such as "id2label": '
        '{"0": "entailment", "1": "neutral", "2": "contradiction"} (or agreement, unrelated, '
        "contradiction). A checkpoint of two labels cannot be used.",
    )


def fold_directions(logits: FloatArray, labels: LabelOrder) -> FloatArray:
    """Uncalibrated relation logits, (n_pairs, 3) in the order of RELATIONS.

    *logits*: (n_pairs, 2, 3), of (a, b) and (b, a), in the checkpoint's order of labels. Rows with
    a NaN come out as NaN.
    """
    ordered = logits[:, :, list(labels.columns)].astype(np.float64)
    if not labels.has_direction:
        mean: FloatArray = ordered.mean(axis=1).astype(np.float32)
        return mean
    probabilities = softmax(ordered)
    agreement = probabilities[:, :, 0].max(axis=1)
    contradiction = probabilities[:, :, 1].mean(axis=1)
    unrelated = 1.0 - agreement - contradiction
    relation = np.stack([agreement, contradiction, unrelated], axis=1).clip(_MIN_PROBABILITY)
    log_relation: FloatArray = np.log(relation).astype(np.float32)
    return log_relation


def softmax(logits: _Floats) -> _Floats:
    """Softmax over the last axis, in the dtype of *logits*."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: _Floats = powers / powers.sum(axis=-1, keepdims=True)
    return result
