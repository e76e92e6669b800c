"""The second order of two texts, only where the first leaves their relation open.

A relation has no direction, so both orders of a pair are read and folded into one. Most candidate
pairs of a news folder are plainly unrelated in either: base says so of more than half of them with
at least 0.8 in one order, and of none of the 852 that both orders together made agreement or
contradiction (docs/log.md). Those need no second reading.

This is for models of relations: entailment has a direction, and is often in the second order alone.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from claimnli.nli.engine import OnProgress, ScoringInterrupted
from claimnli.nli.scorer import PairScorer
from claimnli.nli.tokens import Int64Array, TokenStore
from claimnli.records import FloatArray

RowArray = npt.NDArray[np.intp]
IsSettled = Callable[[FloatArray], npt.NDArray[np.bool_]]
"""Logits (n_pairs, n_labels) of the first order -> (n_pairs,) whether they are enough."""


def score_orders(
    scorer: PairScorer,
    store: TokenStore,
    orders: npt.NDArray[np.integer],
    is_settled: IsSettled,
    on_progress: OnProgress,
) -> FloatArray:
    """Logits of both orders of each pair: (n_pairs, 2, n_labels); a pair that *is_settled* by its
    first has the same in the second.

    *orders*: (n_pairs, 2) positions in *store*, as they are read first. Parts of the pairs are
    finished one after the other, so that an interruption leaves pairs with both of their orders.
    Raises ScoringInterrupted, whose partial result has the same shape as the whole.
    """
    logits = np.full((len(orders), 2, scorer.n_labels), np.nan, dtype=np.float32)
    lengths = scorer.pair_tokens(store, orders[:, 0], orders[:, 1]).lengths

    def score(rows: RowArray, order: int, n_before: float) -> None:
        pairs = scorer.pair_tokens(store, orders[rows, order], orders[rows, 1 - order])

        def on_rows(n_done: int, n_total: int) -> None:
            # One of two orders is half of a pair.
            on_progress(int(n_before + len(rows) / 2 * n_done / n_total), len(orders))

        try:
            logits[rows, order] = scorer.score(pairs, on_rows)
        except ScoringInterrupted as interruption:
            logits[rows, order] = interruption.partial
            raise ScoringInterrupted(logits) from None

    n_before = 0
    try:
        for rows in _parts(lengths, scorer.tokens_of_part):
            score(rows, 0, n_before)
            settled = is_settled(logits[rows, 0])
            logits[rows[settled], 1] = logits[rows[settled], 0]
            n_before += len(rows)
            rest = rows[~settled]
            score(rest, 1, n_before - len(rest) / 2)
            on_progress(n_before, len(orders))
    except ScoringInterrupted:
        raise
    except KeyboardInterrupt:
        # Between two batches: what is finished is kept all the same.
        raise ScoringInterrupted(logits) from None
    return logits


def _parts(lengths: Int64Array, tokens_of_part: int) -> Iterator[RowArray]:
    """Rows of each part, the longest pairs first: the batches within a part are of few lengths."""
    order = np.argsort(-lengths, kind="stable")
    if len(order):
        part = np.cumsum(lengths[order]) // tokens_of_part
        yield from np.split(order, np.flatnonzero(np.diff(part)) + 1)
