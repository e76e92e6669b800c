"""How many of the pairs that matter become candidates: recall of the pairing.

A labelled pair is put among all sentences of its event, as ``select_pairs`` would see them. A
sentence that was written for a pair, and stands in no article, is an article of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from claimnli.config import PairingConfig
from claimnli.records import RELATIONS, FloatArray, Relation
from claimnli.training.events import EventSentences, text_key
from claimnli.training.mixture import Examples

if TYPE_CHECKING:
    from claimnli.embedding import Encoder

KS = (5, 10, 20)
NO_CUT = -1.0
CUTS = (NO_CUT, PairingConfig().min_similarity)
FIXED_RECALL = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateCount:
    """What *k* and the cut let through."""

    k: int
    min_similarity: float
    """NO_CUT (-1) keeps everything."""
    n_candidates: float
    """Pairs a claim, each pair counted once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFigures:
    """Of the pairs of one label in one set."""

    n_pairs: int
    median_cosine: float
    low_cosine: float
    """5 in 100 pairs are below it."""
    recall: dict[str, float]
    """Of each of ``PairingFigures.settings``, in their order, by ``k=10, cut 0.35``."""
    k_at_fixed_recall: int
    """Smallest k, without a cut, that finds FIXED_RECALL of the pairs."""
    n_candidates_at_fixed_recall: float
    """Pairs a claim with that k."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingFigures:
    """Of one embedder."""

    n_sentences: int
    settings: list[CandidateCount]
    sets: dict[str, dict[Relation, LabelFigures]]
    """By set and label; pairs with no sentence in the articles are left out."""


def measure_pairing(
    sets: Mapping[str, Examples], events: Mapping[str, EventSentences], encoder: "Encoder"
) -> PairingFigures:
    """Put the pairs of each set among the sentences of their events and see which are found.

    *encoder* gives vectors of unit length. A set of which no sentence stands in *events* is left
    out.
    """
    indexes = _index_events(list(events.values()), encoder)
    places = _places(indexes)
    settings = [
        CandidateCount(k=k, min_similarity=cut, n_candidates=n_candidates(indexes, k, cut))
        for cut, k in product(CUTS, KS)
    ]
    figures = {}
    for name, examples in sets.items():
        placed = _place(examples, places, encoder)
        if placed.gold.size:
            figures[name] = {
                relation: _label_figures(placed, label, settings, indexes)
                for label, relation in enumerate(RELATIONS)
                if (placed.gold == label).any()
            }
    return PairingFigures(
        n_sentences=sum(len(index.texts) for index in indexes), settings=settings, sets=figures
    )


def setting_name(k: int, min_similarity: float) -> str:
    """``k=10`` or ``k=10, cut 0.35``."""
    return f"k={k}" if min_similarity == NO_CUT else f"k={k}, cut {min_similarity:g}"


class EventIndex:
    """The sentences of an event with the rank of each among the neighbours of each."""

    def __init__(self, event: EventSentences, vectors: FloatArray) -> None:
        self.texts = event.texts
        self.vectors = vectors
        self.articles = np.array(event.articles)
        self.is_across = self.articles[:, None] != self.articles[None, :]
        self.cosine: FloatArray = vectors @ vectors.T
        across = np.where(self.is_across, self.cosine, -np.inf)
        order = np.argsort(-across, axis=1, kind="stable")
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(len(order))[None, :], axis=1)
        self.closeness: npt.NDArray[np.int64] = np.minimum(ranks, ranks.T)
        """(n, n) how many are nearer to the first than the second, or the other way round: the
        smaller of the two, since a pair is kept if either has the other among its k nearest."""

    def place(self, row: int, vector: FloatArray) -> tuple[int, float]:
        """Closeness and cosine of sentence *row* to a new one, in an article of its own."""
        cosine = self.vectors @ vector
        n_nearer_to_row = (self.cosine[row] > cosine[row])[self.is_across[row]].sum()
        n_nearer_to_new = (cosine > cosine[row]).sum()
        return int(min(n_nearer_to_row, n_nearer_to_new)), float(cosine[row])


def n_candidates(indexes: Sequence[EventIndex], k: int, min_similarity: float) -> float:
    """Candidate pairs a sentence, each pair counted once; as many as select_pairs finds."""
    n_pairs = sum(
        int((index.is_across & (index.closeness < k) & (index.cosine >= min_similarity)).sum()) // 2
        for index in indexes
    )
    return n_pairs / max(1, sum(len(index.texts) for index in indexes))


def auc(scores: npt.NDArray[np.floating], is_positive: npt.NDArray[np.bool_]) -> float:
    """Chance that a positive scores higher than a negative, a tie counting half."""
    negatives = np.sort(scores[~is_positive])
    positives = scores[is_positive]
    below = np.searchsorted(negatives, positives, side="left")
    not_above = np.searchsorted(negatives, positives, side="right")
    return float((below + not_above).mean() / 2 / len(negatives))


def entailment_auc(examples: Examples, encoder: "Encoder") -> float:
    """AUC of the cosine for agreement (entailment) against unrelated (neutral).

    Contradictions are left out: they are made to come nearer.
    """
    gold = examples.gold()
    kept = np.isin(gold, [RELATIONS.index(Relation.AGREEMENT), RELATIONS.index(Relation.UNRELATED)])
    pairs = examples.take(np.nonzero(kept)[0])
    cosine = (encoder.encode(pairs.premises) * encoder.encode(pairs.hypotheses)).sum(axis=1)
    return auc(cosine, gold[kept] == RELATIONS.index(Relation.AGREEMENT))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Placed:
    gold: npt.NDArray[np.int64]
    closeness: npt.NDArray[np.int64]
    cosine: npt.NDArray[np.float64]


_Place = tuple[EventIndex, int]


def _index_events(events: list[EventSentences], encoder: "Encoder") -> list[EventIndex]:
    vectors = encoder.encode([text for event in events for text in event.texts])
    ends = np.cumsum([len(event.texts) for event in events])
    return [
        EventIndex(event, vectors[end - len(event.texts) : end])
        for event, end in zip(events, ends, strict=True)
    ]


def _places(indexes: Sequence[EventIndex]) -> dict[str, list[_Place]]:
    places: dict[str, list[_Place]] = {}
    for index in indexes:
        for row, text in enumerate(index.texts):
            places.setdefault(text_key(text), []).append((index, row))
    return places


def _place(examples: Examples, places: Mapping[str, list[_Place]], encoder: "Encoder") -> _Placed:
    gold = examples.gold()
    found: list[tuple[int, int, float]] = []
    written: list[tuple[int, _Place, str]] = []
    for i, (a, b) in enumerate(zip(examples.premises, examples.hypotheses, strict=True)):
        at_a, at_b = places.get(text_key(a), []), places.get(text_key(b), [])
        if at_a and at_b:
            for (index, row_a), (other, row_b) in product(at_a, at_b):
                if index is other and index.is_across[row_a, row_b]:
                    closeness, cosine = index.closeness[row_a, row_b], index.cosine[row_a, row_b]
                    found.append((i, int(closeness), float(cosine)))
                    break
        elif at_a or at_b:
            written.append((i, (at_a or at_b)[0], b if at_a else a))
    if written:
        vectors = encoder.encode([text for _, _, text in written])
        for (i, (index, row), _), vector in zip(written, vectors, strict=True):
            found.append((i, *index.place(row, vector)))
    rows = np.array([i for i, _, _ in found], dtype=np.int64)
    return _Placed(
        gold=gold[rows],
        closeness=np.array([closeness for _, closeness, _ in found], dtype=np.int64),
        cosine=np.array([cosine for _, _, cosine in found], dtype=np.float64),
    )


def _label_figures(
    placed: _Placed, label: int, settings: list[CandidateCount], indexes: Sequence[EventIndex]
) -> LabelFigures:
    of_label = placed.gold == label
    closeness, cosine = placed.closeness[of_label], placed.cosine[of_label]
    # The rank from 0 that the last of them has, and so one less than k.
    k = int(np.sort(closeness)[int(np.ceil(FIXED_RECALL * len(closeness))) - 1]) + 1
    return LabelFigures(
        n_pairs=len(cosine),
        median_cosine=float(np.median(cosine)),
        low_cosine=float(np.quantile(cosine, 0.05)),
        recall={
            setting_name(s.k, s.min_similarity): float(
                ((closeness < s.k) & (cosine >= s.min_similarity)).mean()
            )
            for s in settings
        },
        k_at_fixed_recall=k,
        n_candidates_at_fixed_recall=n_candidates(indexes, k, NO_CUT),
    )
