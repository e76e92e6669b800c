from collections.abc import Sequence

import numpy as np
import pytest

from claimnli.config import PairingConfig
from claimnli.pairing import select_pairs
from claimnli.records import Claim, FloatArray, Relation
from claimnli.training.events import EventSentences
from claimnli.training.mixture import TARGETS, Examples
from claimnli.training.pairing_recall import (
    NO_CUT,
    EventIndex,
    auc,
    entailment_auc,
    measure_pairing,
    n_candidates,
)


class ByAngle:
    """A text's first word is its angle in degrees."""

    def encode(self, texts: Sequence[str]) -> FloatArray:
        angles = np.radians([float(text.split()[0]) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def random_index(n: int, n_articles: int) -> EventIndex:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(n, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    articles = [f"a{i % n_articles}" for i in range(n)]
    event = EventSentences(event="e", texts=[str(i) for i in range(n)], articles=articles)
    return EventIndex(event, vectors)


@pytest.mark.parametrize(("k", "cut"), [(1, NO_CUT), (3, NO_CUT), (3, 0.2), (40, 0.2)])
def test_candidates_are_those_of_select_pairs(k: int, cut: float) -> None:
    index = random_index(30, 4)
    claims = [
        Claim(claim_id=text, article_id=article, text=text, start=0, end=1)
        for text, article in zip(index.texts, index.articles, strict=True)
    ]
    config = PairingConfig(k=k, min_similarity=cut)
    pairs = select_pairs(claims, index.vectors, config)
    assert n_candidates([index], k, cut) * 30 == pytest.approx(len(pairs))
    closeness = index.closeness[pairs.index_a, pairs.index_b]
    assert (closeness < k).all()


def test_a_new_sentence_is_placed_as_if_it_had_been_there() -> None:
    index = random_index(20, 20)
    without = EventIndex(
        EventSentences(event="e", texts=index.texts[:-1], articles=list(index.articles[:-1])),
        index.vectors[:-1],
    )
    for row in range(19):
        closeness, cosine = without.place(row, index.vectors[-1])
        assert closeness == index.closeness[row, 19]
        assert cosine == pytest.approx(float(index.cosine[row, 19]), abs=1e-6)


def test_recall_of_pairs_inside_an_event() -> None:
    # Nearest to 0 in other articles: 10, 20, 30 ... 100.
    texts = [f"{angle} degrees" for angle in range(0, 110, 10)]
    event = EventSentences(event="e", texts=texts, articles=[f"a{i}" for i in range(len(texts))])
    rows = [
        ("0 degrees", "10 degrees", "agreement"),
        ("0 degrees", "100 degrees", "contradiction"),
        ("0 degrees", "60 degrees", "contradiction"),
        ("0 degrees", "-5 written", "unrelated"),
        ("1 nowhere", "2 nowhere", "unrelated"),
    ]
    examples = Examples(
        premises=[a for a, _, _ in rows],
        hypotheses=[b for _, b, _ in rows],
        targets=np.array([TARGETS[label] for _, _, label in rows], dtype=np.float32),
    )
    elsewhere = examples.take(np.array([4]))
    figures = measure_pairing({"toy": examples, "none": elsewhere}, {"e": event}, ByAngle())
    assert list(figures.sets) == ["toy"]
    assert figures.n_sentences == 11
    toy = figures.sets["toy"]
    assert toy[Relation.AGREEMENT].recall["k=5"] == 1.0
    assert toy[Relation.AGREEMENT].k_at_fixed_recall == 1
    contradiction = toy[Relation.CONTRADICTION]
    assert contradiction.n_pairs == 2
    assert contradiction.recall["k=5"] == 0.0
    assert contradiction.recall["k=10"] == 1.0
    assert contradiction.recall["k=10, cut 0.35"] == 0.5
    assert contradiction.k_at_fixed_recall == 10
    assert toy[Relation.UNRELATED].n_pairs == 1
    assert toy[Relation.UNRELATED].median_cosine == pytest.approx(np.cos(np.radians(5)), abs=1e-5)


def test_auc_counts_a_tie_as_half() -> None:
    scores = np.array([0.9, 0.5, 0.5, 0.1])
    assert auc(scores, np.array([True, True, False, False])) == pytest.approx(0.875)
    assert auc(-scores, np.array([True, True, False, False])) == pytest.approx(0.125)


def test_contradictions_do_not_count_in_the_guard() -> None:
    labels = ["agreement", "unrelated", "contradiction"]
    examples = Examples(
        premises=["0 a", "0 b", "0 c"],
        hypotheses=["10 a", "80 b", "0 c"],
        targets=np.array([TARGETS[label] for label in labels], dtype=np.float32),
    )
    assert entailment_auc(examples, ByAngle()) == 1.0
