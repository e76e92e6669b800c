"""Logits of pairs in the number type of the device, and of close calls in float32."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from transformers import PreTrainedTokenizerFast

from claimnli.nli.compiled import CompiledModule
from claimnli.nli.device import ComputeDevice
from claimnli.nli.engine import OnProgress, RowArray, ScoringInterrupted, TokenBudget, score
from claimnli.nli.packed import is_packed
from claimnli.nli.products import with_products_in_8_bits, with_products_in_16_bits
from claimnli.nli.tokens import PairTokens, TokenStore, read_template
from claimnli.processes import n_processes
from claimnli.records import FloatArray

Decide = Callable[[FloatArray], FloatArray]
"""Logits (n_rows, n_labels) -> probabilities (n_rows, 3); or (n_rows // 2, 3) of rows in twos."""

_BATCHES_OF_PART = 128
# Of the 44 labels that 8 bits change on 3,056 pairs with base or mini, 37 are of pairs whose two
# most probable relations are within so many times the margin that 16 bits need (docs/log.md).
_TIMES_AS_ROUGH_IN_8_BITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """A module in one number type."""

    module: nn.Module
    compute: ComputeDevice
    budget: TokenBudget
    """Its own: float32 takes more memory, which must not make the batches in 16 bits smaller."""
    n_lanes: int = 1
    close_call: float = 0.0
    """Relations that are nearer than this the next level scores again."""


class PairScorer:
    """A module in the number type of the device, and in more exact ones for what rounding could
    decide."""

    def __init__(
        self,
        module: nn.Module,
        compute: ComputeDevice,
        tokenizer: PreTrainedTokenizerFast,
        *,
        n_labels: int,
        close_call: float,
        is_compiled: bool,
        max_tokens: int,
        max_batch_tokens: int,
    ) -> None:
        """*module* is in float32; the rest is that of NliConfig.

        Raises ClaimnliError if *module* cannot be computed in the number type.
        """
        self._template = read_template(tokenizer)
        self.n_labels = n_labels
        self._max_tokens = max_tokens
        self._levels: list[_Level] = []

        def add(module: nn.Module, dtype: torch.dtype, **more: Any) -> None:
            own = replace(compute, dtype=dtype)
            budget = TokenBudget(own, max_batch_tokens)
            self._levels.append(_Level(module=module, compute=own, budget=budget, **more))

        dtype = compute.dtype
        if dtype is torch.int8:
            rounded = with_products_in_8_bits(compute, module, tokenizer, self._template)
            margin = _TIMES_AS_ROUGH_IN_8_BITS * close_call
            add(rounded, dtype, n_lanes=torch.get_num_threads(), close_call=margin)
            dtype = torch.bfloat16
        if dtype is not torch.float32:
            rounded = with_products_in_16_bits(replace(compute, dtype=dtype), module)
            if is_compiled and not is_packed(rounded):
                rounded = CompiledModule(rounded)
            add(rounded, dtype, close_call=close_call)
        elif is_compiled:
            module = CompiledModule(module)
        add(module, torch.float32)

    @property
    def is_compiled(self) -> bool:
        """Whether torch.compile was asked for and has not failed so far."""
        modules = [level.module for level in self._levels]
        return any(isinstance(module, CompiledModule) and module.is_compiled for module in modules)

    @property
    def tokens_of_part(self) -> int:
        """Tokens after which it costs next to nothing to wait for the results and look at them."""
        return _BATCHES_OF_PART * self._levels[0].budget.n_planned * n_processes()

    def pair_tokens(
        self, store: TokenStore, index_a: npt.ArrayLike, index_b: npt.ArrayLike
    ) -> PairTokens:
        """The pairs as the model reads them."""
        return PairTokens(store, self._template, index_a, index_b, max_tokens=self._max_tokens)

    def score(self, pairs: PairTokens, on_progress: OnProgress | None = None) -> FloatArray:
        """Logits (n_pairs, n_labels), rounded as the number type does. Raises as engine.score."""
        return self._score(self._levels[0], pairs, on_progress)

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
        whose two most probable relations, as *decide* has them, are nearer than the setting.

        Raises ScoringInterrupted on Ctrl-C, with NaN for the close calls that are left."""
        if not len(logits):
            return logits

        def close_rows(margin: float) -> RowArray:
            ranked = np.sort(decide(logits), axis=1)
            is_close = ranked[:, -1] - ranked[:, -2] < margin
            return np.flatnonzero(np.repeat(is_close, len(logits) // len(is_close)))

        def on_close_rows(n_before: int, n_done: int, n_total: int) -> None:
            if on_progress is not None:
                on_progress(n_before + n_done, n_before + n_total)

        n_before = len(logits)
        for rough, exact in pairwise(self._levels):
            try:
                rows = close_rows(rough.close_call)
                index = (np.asarray(index_a)[rows], np.asarray(index_b)[rows])
                pairs = self.pair_tokens(store, *index)
                logits[rows] = self._score(exact, pairs, partial(on_close_rows, n_before))
                n_before += len(rows)
            except ScoringInterrupted as interruption:
                logits[rows] = interruption.partial
                # Those that a level more was to decide.
                logits[close_rows(exact.close_call)] = np.nan
                raise ScoringInterrupted(logits) from None
            except KeyboardInterrupt:
                # Not in a batch: nothing of the close calls is exact.
                logits[close_rows(rough.close_call)] = np.nan
                raise ScoringInterrupted(logits) from None
        return logits

    def _score(
        self, level: _Level, pairs: PairTokens, on_progress: OnProgress | None
    ) -> FloatArray:
        return score(
            level.module,
            pairs,
            level.compute,
            n_labels=self.n_labels,
            budget=level.budget,
            n_lanes=level.n_lanes,
            on_progress=on_progress,
        )
