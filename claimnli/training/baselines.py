"""What needs no model: a set's figures say little as long as they are near to these."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from claimnli.records import RELATIONS, Relation
from claimnli.training.evaluation import LabelledSet
from claimnli.training.metrics import score
from claimnli.training.mixture import Examples

BASELINES = ("majority", "overlap", "hypothesis")
_N_BINS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineScore:
    """Of one baseline on one set."""

    accuracy: float
    macro_f1: float


def score_baselines(labelled: LabelledSet, train: LabelledSet | None) -> dict[str, BaselineScore]:
    """By the names in BASELINES; ``hypothesis`` is left out without *train*.

    - majority: the most frequent label of the set itself, for every pair;
    - overlap: one label from a share of common words on, another below. The share and both labels
      are those that fit *train* best; without it, agreement from a half on, unrelated below;
    - hypothesis: naive Bayes over words and word pairs of the hypothesis, fitted on *train*
      (Wang and Manning 2012, ACL), since labels can be guessed from one side of many sets
      (Gururangan et al. 2018, arXiv:1803.02324).
    """
    gold = labelled.gold
    predictions = {
        "majority": np.full_like(gold, np.bincount(gold).argmax()),
        "overlap": _by_overlap(labelled.examples, train),
    }
    if train is not None:
        predictions["hypothesis"] = _naive_bayes(
            train.examples.hypotheses, train.gold, labelled.examples.hypotheses
        )
    one_hot = np.eye(len(RELATIONS), dtype=np.float32)
    scores = {name: score(one_hot[predicted], gold) for name, predicted in predictions.items()}
    return {
        name: BaselineScore(accuracy=entry.accuracy, macro_f1=entry.macro_f1)
        for name, entry in scores.items()
    }


def _by_overlap(examples: Examples, train: LabelledSet | None) -> np.ndarray:
    threshold = _N_BINS // 2
    below, above = RELATIONS.index(Relation.UNRELATED), RELATIONS.index(Relation.AGREEMENT)
    if train is not None:
        counts = np.zeros((_N_BINS + 1, len(RELATIONS)), dtype=np.intp)
        np.add.at(counts, (_overlap_bins(train.examples), train.gold), 1)
        n_above = counts[::-1].cumsum(axis=0)[::-1]  # by threshold and label
        n_below = counts.sum(axis=0) - n_above
        threshold = int((n_above.max(axis=1) + n_below.max(axis=1)).argmax())
        below, above = int(n_below[threshold].argmax()), int(n_above[threshold].argmax())
    return np.where(_overlap_bins(examples) >= threshold, above, below)


def _overlap_bins(examples: Examples) -> np.ndarray:
    """(n,) share of the words of the shorter text that stand in the other, in twentieths."""
    shares = []
    for premise, hypothesis in zip(examples.premises, examples.hypotheses, strict=True):
        a, b = set(_words(premise)), set(_words(hypothesis))
        shares.append(len(a & b) / max(1, min(len(a), len(b))))
    return (np.array(shares) * _N_BINS).astype(np.intp)


def _naive_bayes(
    train_texts: Sequence[str], train_gold: np.ndarray, texts: Sequence[str]
) -> np.ndarray:
    """The label of each of *texts*. A feature counts once a text; one is added to each count."""
    column: dict[str, int] = {}
    rows: list[int] = []
    labels: list[int] = []
    for text, label in zip(train_texts, train_gold, strict=True):
        features = _features(text)
        rows.extend(column.setdefault(feature, len(column)) for feature in features)
        labels.extend([label] * len(features))
    counts = np.ones((len(column), len(RELATIONS)))
    np.add.at(counts, (rows, labels), 1.0)
    weights = np.log(counts / counts.sum(axis=0))
    n_texts = np.bincount(train_gold, minlength=len(RELATIONS))
    # A label that train does not have is never given.
    prior = np.where(n_texts > 0, np.log(np.maximum(n_texts, 1)), -np.inf)
    known = [[column[f] for f in _features(text) if f in column] for text in texts]
    return np.array([(prior + weights[row].sum(axis=0)).argmax() for row in known])


def _features(text: str) -> list[str]:
    words = _words(text)
    return sorted({*words, *map(" ".join, pairwise(words))})


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
