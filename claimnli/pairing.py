"""Vectors in, candidate pairs out: the nearest claims of other articles, by exact search."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from claimnli.config import PairingConfig
from claimnli.records import Claim, FloatArray, PairSelection

_STEPS = 1 << 30
"""A cosine is ranked as a whole number of steps of 2**-30: coarser than the rounding of a float64
product, so that neither blocks nor threads decide an order, and finer than any real difference."""
_INDEX_BITS = 31


def select_pairs(
    claims: Sequence[Claim], vectors: FloatArray, config: PairingConfig, *, device: str = "cpu"
) -> PairSelection:
    """Pair each claim with the *config.k* most similar claims of other articles.

    *vectors* is (n_claims, dim), one row a claim, of any length but normally 1. A pair is kept if
    either of its claims has the other among its k nearest and their cosine is at least
    *config.min_similarity*; of equally similar claims the earlier comes first. The kept and the
    dropped pairs add up to n * (n - 1) / 2.

    The search is exact: blocks of *config.block_rows* rows and columns of the upper triangle, each
    computed once in float64 and merged into the running top k of its rows and of its columns.
    Memory is O(block_rows**2 + n_claims * (dim + k)); the full matrix never exists. Blocks within
    one article are passed over. It runs on *device* if that is a CUDA one, else on the CPU, since
    other accelerators lack float64 (MPS), or emulate it.

    Raises ValueError if *vectors* has another number of rows or holds a value that is not finite.
    """
    import torch

    n = len(claims)
    if vectors.ndim != 2 or len(vectors) != n:
        raise ValueError(f"{n} claims need vectors of shape ({n}, dim), not {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise ValueError("vectors hold NaN or infinity")
    sizes = Counter(claim.article_id for claim in claims).values()
    n_same_article = sum(size * (size - 1) // 2 for size in sizes)
    n_across = n * (n - 1) // 2 - n_same_article

    if not device.startswith("cuda"):
        device = "cpu"
    units = torch.nn.functional.normalize(torch.from_numpy(vectors).to(device).double(), dim=1)
    numbers = {claim.article_id: i for i, claim in enumerate(claims)}
    article_of = [numbers[claim.article_id] for claim in claims]
    article = torch.tensor(article_of, device=device)
    position = torch.arange(n, device=device)
    floor = round(config.min_similarity * _STEPS)
    last_index = (1 << _INDEX_BITS) - 1
    best = torch.full((n, config.k), -1, dtype=torch.int64, device=device)
    n_similar = 0

    def merge(rows: slice, keys: torch.Tensor) -> None:
        nearest = keys.topk(min(config.k, keys.shape[1]), dim=1).values
        best[rows] = torch.cat([best[rows], nearest], dim=1).topk(config.k, dim=1).values

    starts = range(0, n, config.block_rows)
    articles_in = {start: set(article_of[start : start + config.block_rows]) for start in starts}
    for first_row in starts:
        rows = slice(first_row, min(first_row + config.block_rows, n))
        for first_column in starts[first_row // config.block_rows :]:
            if len(articles_in[first_row] | articles_in[first_column]) == 1:
                continue
            columns = slice(first_column, min(first_column + config.block_rows, n))
            steps = (units[rows] @ units[columns].T).mul_(_STEPS).round_().long()
            is_allowed = (
                (steps >= floor)
                & (article[rows, None] != article[None, columns])
                & (position[rows, None] < position[None, columns])
            )
            n_similar += int(is_allowed.sum())
            # One whole number holds the similarity and, for ties, the neighbour: no two keys of a
            # row are equal, so topk has nothing left to choose.
            keys = steps.add_(_STEPS).bitwise_left_shift_(_INDEX_BITS)
            keys.masked_fill_(~is_allowed, -1)
            # -1 has all bits set and stays -1 under a bitwise or.
            merge(rows, keys | (last_index - position[columns]))
            merge(columns, (keys | (last_index - position[rows, None])).T.contiguous())

    found = best.cpu().numpy()
    claim, rank = np.nonzero(found >= 0)
    key = found[claim, rank]
    neighbour = last_index - (key & last_index)
    # A pair found from both of its claims has the same similarity in both keys.
    pair = np.minimum(claim, neighbour) * n + np.maximum(claim, neighbour)
    pair, where = np.unique(pair, return_index=True)
    return PairSelection(
        index_a=(pair // n).astype(np.int32),
        index_b=(pair % n).astype(np.int32),
        similarity=(((key[where] >> _INDEX_BITS) - _STEPS) / _STEPS).astype(np.float32),
        dropped={
            "same_article": n_same_article,
            "below_min_similarity": n_across - n_similar,
            "beyond_top_k": n_similar - len(pair),
        },
    )
