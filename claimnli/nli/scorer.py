"""Logits of pairs in the number type of the device, and of close calls in float32."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from claimnli.nli.compiled import CompiledModule
from claimnli.nli.device import ComputeDevice
from claimnli.nli.engine import OnProgress, RowArray, ScoringInterrupted, TokenBudget, score
from claimnli.nli.packed import is_packed
from claimnli.nli.products import with_products_in_16_bits
from claimnli.nli.tokens import PairTemplate, PairTokens, TokenStore
from claimnli.processes import n_processes
from claimnli.records import FloatArray

Decide = Callable[[FloatArray], FloatArray]
"""Logits (n_rows, n_labels) -> probabilities (n_rows, 3); or (n_rows // 2, 3) of rows in twos."""

_BATCHES_OF_PART = 128


class PairScorer:
    """A module in 16 bits, and in float32 for what rounding could decide."""

    def __init__(
        self,
        module: nn.Module,
        compute: ComputeDevice,
        template: PairTemplate,
        *,
        n_labels: int,
        close_call: float,
        is_compiled: bool,
        max_tokens: int,
        max_batch_tokens: int,
    ) -> None:
        """*module* is in float32; the rest is that of NliConfig."""
        self._exact = module
        self._module = module
        if compute.dtype is not torch.float32:
            self._module = with_products_in_16_bits(compute, module)
        self._is_rounded = self._module is not module
        if is_compiled and not is_packed(self._module):
            self._module = CompiledModule(self._module)
        self._compute = compute
        self._template = template
        self.n_labels = n_labels
        self._close_call = close_call
        self._max_tokens = max_tokens
        self._budget = TokenBudget(compute, max_batch_tokens)
        # Its own: float32 takes more memory, which must not make the batches in 16 bits smaller.
        self._exact_budget = TokenBudget(compute, max_batch_tokens)

    @property
    def is_compiled(self) -> bool:
        """Whether torch.compile was asked for and has not failed so far."""
        return isinstance(self._module, CompiledModule) and self._module.is_compiled

    @property
    def tokens_of_part(self) -> int:
        """Tokens after which it costs next to nothing to wait for the results and look at them."""
        return _BATCHES_OF_PART * self._budget.n_planned * n_processes()

    def pair_tokens(
        self, store: TokenStore, index_a: npt.ArrayLike, index_b: npt.ArrayLike
    ) -> PairTokens:
        """The pairs as the model reads them."""
        return PairTokens(store, self._template, index_a, index_b, max_tokens=self._max_tokens)

    def score(self, pairs: PairTokens, on_progress: OnProgress | None = None) -> FloatArray:
        """Logits (n_pairs, n_labels), rounded as the number type does. Raises as engine.score."""
        return self._score(self._module, self._compute, pairs, self._budget, on_progress)

    def score_close_calls(
        self,
        logits: FloatArray,
        store: TokenStore,
        index_a: npt.ArrayLike,
        index_b: npt.ArrayLike,
        *,
        decide: Decide,
        on_progress: OnProgress | None = None,
    ) -> FloatArray:
        """*logits* (n_rows, n_labels) of ``score``, with those of close calls in float32: of rows
        whose two most probable relations, as *decide* has them, are nearer than the setting."""
        if not self._is_rounded or not len(logits):
            return logits

        def close_rows() -> RowArray:
            ranked = np.sort(decide(logits), axis=1)
            is_close = ranked[:, -1] - ranked[:, -2] < self._close_call
            return np.flatnonzero(np.repeat(is_close, len(logits) // len(is_close)))

        def on_close_rows(n_done: int, n_total: int) -> None:
            if on_progress is not None:
                on_progress(len(logits) + n_done, len(logits) + n_total)

        exact = replace(self._compute, dtype=torch.float32)
        try:
            rows = close_rows()
            pairs = self.pair_tokens(store, np.asarray(index_a)[rows], np.asarray(index_b)[rows])
            logits[rows] = self._score(self._exact, exact, pairs, self._exact_budget, on_close_rows)
        except ScoringInterrupted as interruption:
            logits[rows] = interruption.partial
            raise ScoringInterrupted(logits) from None
        except KeyboardInterrupt:
            # Not in a batch: nothing of the close calls is exact.
            logits[close_rows()] = np.nan
            raise ScoringInterrupted(logits) from None
        return logits

    def _score(
        self,
        module: nn.Module,
        compute: ComputeDevice,
        pairs: PairTokens,
        budget: TokenBudget,
        on_progress: OnProgress | None,
    ) -> FloatArray:
        return score(
            module,
            pairs,
            compute,
            n_labels=self.n_labels,
            budget=budget,
            on_progress=on_progress,
        )
