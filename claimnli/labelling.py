"""Labels for pairs of claims, asked of a model in one stream of batches."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from claimnli.records import (
    RELATIONS,
    Claim,
    FloatArray,
    IntArray,
    LabelledPair,
    ModelInfo,
    PairLabel,
    PairSelection,
    RelationScores,
)

_log = logging.getLogger(__name__)


class RelationModel(Protocol):
    """What the pipeline asks of a model; claimnli.nli.model.NliModel is one."""

    @property
    def info(self) -> ModelInfo:
        """What the report says about the model."""
        ...

    def score_relations(
        self,
        texts: Sequence[str],
        index_a: IntArray,
        index_b: IntArray,
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> RelationScores:
        """Score the pairs ``texts[index_a], texts[index_b]``; after Ctrl-C, those it came to."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelling:
    """Labelled pairs, and how many are without a label or were read only in part."""

    pairs: tuple[LabelledPair, ...]
    dropped: Mapping[str, int] = field(default_factory=dict)
    """By reason: ``interrupted`` (without a label), ``truncated`` (labelled, but cut before)."""
    is_complete: bool = True
    """False after Ctrl-C."""


def label_pairs(
    claims: Sequence[Claim],
    pairs: PairSelection,
    model: RelationModel,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Labelling:
    """Label candidate pairs, in the order of *pairs*.

    After Ctrl-C the pairs without a label are left out as ``interrupted``; if there is no pair with
    one, KeyboardInterrupt is raised.
    """
    if not len(pairs):
        return Labelling(pairs=())
    texts = [claim.text for claim in claims]
    scores = model.score_relations(texts, pairs.index_a, pairs.index_b, on_progress=on_progress)
    is_labelled: list[bool] = scores.is_scored.tolist()
    if not any(is_labelled):
        raise KeyboardInterrupt
    labelled = tuple(
        _labelled(claims[pair.index_a], claims[pair.index_b], pair.similarity, _label(row))
        for pair, row, keep in zip(pairs, scores.probabilities, is_labelled, strict=True)
        if keep
    )
    n_left = len(pairs) - len(labelled)
    return Labelling(
        pairs=labelled,
        dropped={"interrupted": n_left, "truncated": scores.n_truncated},
        is_complete=n_left == 0,
    )


def label_texts(pairs: Sequence[tuple[str, str]], model: RelationModel) -> list[PairLabel]:
    """Label pairs of texts, in their order; a warning is logged if some are too long for the model.

    Ctrl-C raises KeyboardInterrupt.
    """
    if not pairs:
        return []
    position: dict[str, int] = {}
    index = np.array(
        [[position.setdefault(text, len(position)) for text in pair] for pair in pairs],
        dtype=np.int32,
    )
    scores = model.score_relations(list(position), index[:, 0], index[:, 1])
    if not scores.is_scored.all():
        raise KeyboardInterrupt
    if scores.n_truncated:
        _log.warning(
            "%d of %d pairs are longer than the model reads: the end of the longer text was cut",
            scores.n_truncated,
            len(pairs),
        )
    return [_label(row) for row in scores.probabilities]


def _label(row: FloatArray) -> PairLabel:
    probabilities = dict(zip(RELATIONS, row.tolist(), strict=True))
    relation = RELATIONS[int(row.argmax())]
    return PairLabel(
        relation=relation, probability=probabilities[relation], probabilities=probabilities
    )


def _labelled(a: Claim, b: Claim, similarity: float, label: PairLabel) -> LabelledPair:
    return LabelledPair(
        pair_id=f"{a.claim_id}|{b.claim_id}",
        a=a,
        b=b,
        similarity=similarity,
        relation=label.relation,
        probability=label.probability,
        probabilities=label.probabilities,
    )
