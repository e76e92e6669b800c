import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimnli.config import PairingConfig
from claimnli.pairing import select_pairs
from claimnli.records import Claim, FloatArray, PairSelection


def make_claims(articles: list[str]) -> list[Claim]:
    return [
        Claim(claim_id=f"{article}:{i}", article_id=article, text="x", start=i, end=i + 1)
        for i, article in enumerate(articles)
    ]


def random_vectors(n: int, *, dim: int = 8, seed: int = 0) -> FloatArray:
    vectors = np.random.default_rng(seed).normal(size=(n, dim)) + 0.5
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32)


def as_set(selection: PairSelection) -> set[tuple[int, int]]:
    return {(pair.index_a, pair.index_b) for pair in selection}


def brute_force(
    articles: list[str], vectors: FloatArray, k: int, cut: float
) -> set[tuple[int, int]]:
    cosine = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    kept = set()
    for a in range(len(articles)):
        others = [b for b in range(len(articles)) if articles[b] != articles[a]]
        for b in sorted(others, key=lambda b: -cosine[a, b])[:k]:
            if cosine[a, b] >= cut:
                kept.add((min(a, b), max(a, b)))
    return kept


@settings(max_examples=40, deadline=None)
@given(
    articles=st.lists(st.sampled_from("pqrst"), min_size=1, max_size=40),
    k=st.integers(1, 8),
    cut=st.sampled_from([-1.0, 0.0, 0.3, 0.8]),
    block_rows=st.integers(1, 50),
    seed=st.integers(0, 1000),
)
def test_equals_brute_force_and_every_pair_is_counted(
    articles: list[str], k: int, cut: float, block_rows: int, seed: int
) -> None:
    vectors = random_vectors(len(articles), seed=seed)
    config = PairingConfig(k=k, min_similarity=cut, block_rows=block_rows)
    selection = select_pairs(make_claims(articles), vectors, config)

    assert as_set(selection) == brute_force(articles, vectors, k, cut)
    assert set(selection.dropped) == {"same_article", "below_min_similarity", "beyond_top_k"}
    assert min(selection.dropped.values()) >= 0
    n = len(articles)
    assert len(selection) + sum(selection.dropped.values()) == n * (n - 1) // 2


def test_arrays_are_ordered_and_typed_and_hold_the_cosine() -> None:
    vectors = random_vectors(60)
    claims = make_claims([f"article{i % 6}" for i in range(60)])
    selection = select_pairs(claims, vectors, PairingConfig(k=5, min_similarity=0.2))

    pairs = [(pair.index_a, pair.index_b) for pair in selection]
    assert pairs == sorted(set(pairs))
    assert all(a < b for a, b in pairs)
    assert selection.index_a.dtype == selection.index_b.dtype == np.int32
    assert selection.similarity.dtype == np.float32
    cosine = np.sum(vectors[selection.index_a] * vectors[selection.index_b], axis=1)
    np.testing.assert_allclose(selection.similarity, cosine, atol=1e-6)


def test_the_reasons_are_told_apart() -> None:
    # p:0 and p:1 share an article; q is like both; r is like nobody.
    claims = make_claims(["p", "p", "q", "r"])
    vectors = np.array([[1, 0], [0.9, 0.1], [1, 0], [0, 1]], dtype=np.float32)
    selection = select_pairs(claims, vectors, PairingConfig(k=1, min_similarity=0.5))

    assert as_set(selection) == {(0, 2), (1, 2)}
    assert selection.dropped == {
        "same_article": 1,
        "below_min_similarity": 3,
        "beyond_top_k": 0,
    }


def test_a_pair_is_kept_if_either_claim_has_the_other_among_its_nearest() -> None:
    # The hub's nearest is 1, but the hub is the nearest of 2 as well.
    claims = make_claims(["p", "q", "r"])
    vectors = np.array([[1, 0], [1, 0.1], [1, -0.3]], dtype=np.float32)
    selection = select_pairs(claims, vectors, PairingConfig(k=1, min_similarity=0.0))

    assert as_set(selection) == {(0, 1), (0, 2)}
    assert selection.dropped["beyond_top_k"] == 1


def test_identical_texts_are_kept_and_ties_go_to_the_earlier_claim() -> None:
    claims = make_claims(["p", "q", "r", "s"])
    vectors = np.repeat(random_vectors(1, dim=384), 4, axis=0)
    selection = select_pairs(claims, vectors, PairingConfig(k=1))

    # Each of the three later claims takes the first; the first takes the second.
    assert as_set(selection) == {(0, 1), (0, 2), (0, 3)}
    np.testing.assert_allclose(selection.similarity, 1.0)


@pytest.mark.parametrize("block_rows", [1, 7, 64, 1000])
@pytest.mark.parametrize("are_grouped", [False, True])
def test_blocks_change_nothing_even_among_ties(block_rows: int, are_grouped: bool) -> None:
    vectors = random_vectors(40, dim=384)[np.arange(200) % 40]
    # Grouped, as the claims of a collection are, some blocks lie within one article.
    claims = make_claims([f"article{i // 23 if are_grouped else i % 9}" for i in range(200)])
    whole = select_pairs(claims, vectors, PairingConfig(k=3, block_rows=200))
    blocks = select_pairs(claims, vectors, PairingConfig(k=3, block_rows=block_rows))

    assert as_set(blocks) == as_set(whole)
    np.testing.assert_array_equal(blocks.similarity, whole.similarity)
    assert blocks.dropped == whole.dropped


@pytest.mark.parametrize("device", ["mps", "xpu:1"])
def test_the_search_is_on_the_cpu_where_there_is_no_float64(device: str) -> None:
    claims, vectors = make_claims(["p", "q", "r"]), random_vectors(3)
    elsewhere = select_pairs(claims, vectors, PairingConfig(), device=device)
    assert as_set(elsewhere) == as_set(select_pairs(claims, vectors, PairingConfig()))


def test_the_cut_itself_is_kept() -> None:
    vectors = np.array([[1, 0], [0.5, np.sqrt(0.75)]], dtype=np.float32)
    selection = select_pairs(make_claims(["p", "q"]), vectors, PairingConfig(min_similarity=0.5))
    assert len(selection) == 1


@pytest.mark.parametrize("articles", [[], ["p"], ["p", "p", "p"]])
def test_nothing_to_pair(articles: list[str]) -> None:
    claims = make_claims(articles)
    selection = select_pairs(claims, random_vectors(len(articles)), PairingConfig())
    n = len(articles)
    assert len(selection) == 0
    assert selection.dropped["same_article"] == n * (n - 1) // 2


def test_vectors_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="2 claims need vectors of shape"):
        select_pairs(make_claims(["p", "q"]), random_vectors(3), PairingConfig())


def test_vectors_that_are_not_numbers_are_refused() -> None:
    vectors = random_vectors(2)
    vectors[1, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        select_pairs(make_claims(["p", "q"]), vectors, PairingConfig())
