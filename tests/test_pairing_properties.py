"""Pairs chosen in blocks of rows are those that the matrix of all similarities gives."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from claimnli.config import PairingConfig
from claimnli.pairing import select_pairs
from claimnli.records import Claim, FloatArray


def nearest_by_full_matrix(
    articles: list[int], vectors: FloatArray, config: PairingConfig
) -> dict[tuple[int, int], float]:
    """The pairs of ``select_pairs`` with their cosines, from all of the n * n at once."""
    long = np.maximum(np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True), 1e-12)
    units = vectors.astype(np.float64) / long
    # Equally similar means equal in steps of 2**-30, as pairing.py has it.
    steps = np.rint(units @ units.T * 2**30)
    pairs = {}
    for a, article in enumerate(articles):
        others = [
            b
            for b, other in enumerate(articles)
            if other != article and steps[a, b] >= round(config.min_similarity * 2**30)
        ]
        for b in sorted(others, key=lambda b: (-steps[a, b], b))[: config.k]:
            pairs[min(a, b), max(a, b)] = steps[a, b] / 2**30
    return pairs


@settings(max_examples=80)
@given(
    # The article of each claim, and which of a few directions its vector has: many are tied.
    claims=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 25)), max_size=50),
    dim=st.integers(2, 24),
    k=st.integers(1, 9),
    cut=st.floats(-1, 1),
    block_rows=st.integers(1, 60),
    seed=st.integers(0, 10_000),
)
def test_pairing_in_blocks_is_the_full_matrix(
    claims: list[tuple[int, int]], dim: int, k: int, cut: float, block_rows: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    directions = (rng.normal(size=(26, dim)) + 0.5).astype(np.float32)
    directions[0] = 0
    # Twice as long is the same direction, to the last bit.
    lengths = 2.0 ** rng.integers(-3, 4, size=(len(claims), 1))
    vectors = (directions[[direction for _, direction in claims]] * lengths).astype(np.float32)
    articles = [article for article, _ in claims]
    config = PairingConfig(k=k, min_similarity=cut, block_rows=block_rows)
    records = [
        Claim(claim_id=f"{i}", article_id=f"{article}", text="x", start=i, end=i + 1)
        for i, article in enumerate(articles)
    ]
    selection = select_pairs(records, vectors.reshape(len(claims), dim), config)

    expected = nearest_by_full_matrix(articles, vectors, config)
    found = list(zip(selection.index_a.tolist(), selection.index_b.tolist(), strict=True))
    assert found == sorted(expected)
    np.testing.assert_allclose(
        selection.similarity, [expected[pair] for pair in found], rtol=0, atol=1e-7
    )
    assert len(found) + sum(selection.dropped.values()) == len(claims) * (len(claims) - 1) // 2
