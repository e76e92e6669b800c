"""Where the engine's own time goes: the engine as it is, with a clock around its parts.

Each part is waited for, so that on a GPU the parts add up to more than a run in which copies,
assembling and computation overlap.
"""

import statistics
import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from claimnli.benchmark.machine import synchronise
from claimnli.benchmark.records import Part, Workload
from claimnli.config import NliConfig
from claimnli.nli.checkpoint import load_config, load_module, load_tokenizer
from claimnli.nli.device import resolve_device
from claimnli.nli.engine import TokenBudget, score
from claimnli.nli.folding import softmax
from claimnli.nli.products import with_products_in_16_bits
from claimnli.nli.tokens import PairTokens, TokenBatch, read_template, tokenise
from claimnli.nli.weights import resolve_model

PARTS = ("tokenise", "plan", "assemble", "copy", "forward", "collect", "score again")
"""Tokens of the texts; order and sizes of the batches; ids of a batch; its way to the device; the
model; logits back and into order; close calls in float32."""


@dataclass(slots=True)
class _Clock:
    """Seconds since the last mark go to the part that the next mark names."""

    device: torch.device
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    last: float = field(default_factory=time.perf_counter)

    def mark(self, part: str) -> None:
        synchronise(self.device)
        now = time.perf_counter()
        self.seconds[part] += now - self.last
        self.last = now


class _TimedPairs(PairTokens):
    clock: _Clock

    def assemble(self, rows: npt.NDArray[np.intp]) -> TokenBatch:
        self.clock.mark("plan")
        batch = super().assemble(rows)
        self.clock.mark("assemble")
        return batch


class _TimedModule(nn.Module):
    def __init__(self, module: nn.Module, clock: _Clock) -> None:
        super().__init__()
        self._module, self._clock = module, clock

    def forward(self, **inputs: torch.Tensor) -> Any:
        self._clock.mark("copy")
        output = self._module(**inputs)
        self._clock.mark("forward")
        return output


def split_time(workload: Workload, config: NliConfig, *, repeats: int) -> tuple[Part, ...]:
    """Medians over *repeats* runs of the engine, as *config* has it, on *workload*."""
    source = resolve_model(config.model)
    place = str(source.folder or source.hub_name)
    compute = resolve_device(config.device, config.dtype)
    exact = load_module(place, source.base_folder, load_config(place), compute.device)
    is_rounded = compute.dtype is not torch.float32
    module = with_products_in_16_bits(compute, exact) if is_rounded else exact
    tokenizer = load_tokenizer(place, source.base_folder)
    template = read_template(tokenizer)
    n_labels: int = exact.config.num_labels  # type: ignore[union-attr, assignment]

    def run() -> dict[str, float]:
        clock = _Clock(compute.device)
        store = tokenise(workload.texts, tokenizer)
        clock.mark("tokenise")
        index_a, index_b = workload.index_a, workload.index_b
        pairs = _TimedPairs(store, template, index_a, index_b, max_tokens=config.max_tokens)
        pairs.clock = clock
        logits = score(
            _TimedModule(module, clock),
            pairs,
            compute,
            n_labels=n_labels,
            budget=TokenBudget(compute, config.max_batch_tokens),
        )
        clock.mark("collect")
        if is_rounded:
            ranked = np.sort(softmax(logits), axis=1)
            rows = np.flatnonzero(ranked[:, -1] - ranked[:, -2] < config.close_call)
            score(
                exact,
                PairTokens(
                    store, template, index_a[rows], index_b[rows], max_tokens=config.max_tokens
                ),
                replace(compute, dtype=torch.float32),
                n_labels=n_labels,
                budget=TokenBudget(compute, config.max_batch_tokens),
            )
            clock.mark("score again")
        return clock.seconds

    run()
    runs = [run() for _ in range(repeats)]
    medians = {part: statistics.median(seconds[part] for seconds in runs) for part in PARTS}
    total = sum(medians.values())
    return tuple(
        Part(name=part, seconds=seconds, share=seconds / total) for part, seconds in medians.items()
    )
