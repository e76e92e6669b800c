"""Scoring of pairs, and the engine without a model: for processes that have done nothing else."""

import gc
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from claimnli.benchmark.growth.records import Assembled, Assembly, Scored
from claimnli.benchmark.machine import read_peak_memory, reset_peak_memory, synchronise
from claimnli.benchmark.records import Workload
from claimnli.config import NliConfig
from claimnli.nli.checkpoint import load_tokenizer
from claimnli.nli.device import resolve_device
from claimnli.nli.engine import BATCH_TOKENS, TokenBudget, score
from claimnli.nli.model import load_model
from claimnli.nli.tokens import PairTokens, TokenBatch, TokenStore, read_template, tokenise
from claimnli.nli.weights import resolve_model
from claimnli.records import RELATIONS

_N_WARM_UP = 32


def measure_scoring(config: NliConfig, workload: Workload) -> Scored:
    """Load the model of *config* and score the relations of *workload* once."""
    model = load_model(config)
    device = torch.device(model.info.device)
    gc.collect()
    loaded_bytes = reset_peak_memory(device)
    first = workload.first(_N_WARM_UP)
    model.score_relations(first.texts, first.index_a, first.index_b)
    synchronise(device)
    started = time.perf_counter()
    model.score_relations(workload.texts, workload.index_a, workload.index_b)
    synchronise(device)
    seconds = time.perf_counter() - started
    return Scored(
        n_pairs=len(workload),
        n_texts=len(workload.texts),
        mean_tokens=float(workload.lengths.mean()),
        seconds=seconds,
        pairs_per_second=len(workload) / seconds,
        peak_bytes=max(0, read_peak_memory(device) - loaded_bytes),
    )


def measure_assembly(config: NliConfig, workload: Workload, repeats: int) -> Assembly:
    """Tokenise and assemble *workload* on one core, from memory and from mapped files.

    The batches are those that the engine plans for the device of *config*, and those for a GPU.
    Medians of *repeats*.
    """
    source = resolve_model(config.model)
    tokenizer = load_tokenizer(str(source.folder or source.hub_name), source.base_folder)
    with _on_one_core(), tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        store = tokenise(workload.texts, tokenizer)
        rate = len(workload.texts) / (time.perf_counter() - started)
        store.save(Path(folder))
        stores = {"in memory": store, "memory-mapped": TokenStore.open(Path(folder))}
        template = read_template(tokenizer)
        compute = resolve_device(config.device, "float32")
        own = TokenBudget(compute, config.max_batch_tokens).n_planned
        budgets = dict.fromkeys((own, BATCH_TOKENS["cuda"]))
        assembled = []
        for (name, kept), batch_tokens in product(stores.items(), budgets):
            gather_seconds, engine_seconds = [], []
            # The first run warms up.
            for _ in range(repeats + 1):
                started = time.perf_counter()
                pairs = _TimedPairs(
                    kept, template, workload.index_a, workload.index_b, max_tokens=config.max_tokens
                )
                pairs.seconds = time.perf_counter() - started
                score(
                    _NoModel(),
                    pairs,
                    compute,
                    n_labels=len(RELATIONS),
                    budget=TokenBudget(compute, batch_tokens),
                )
                engine_seconds.append(time.perf_counter() - started)
                gather_seconds.append(pairs.seconds)
            gather, engine = (statistics.median(s[1:]) for s in (gather_seconds, engine_seconds))
            assembled.append(
                Assembled(
                    store=name,
                    batch_tokens=batch_tokens,
                    n_pairs=len(workload),
                    n_texts=len(workload.texts),
                    gather_seconds=gather,
                    gathered_per_second=len(workload) / gather,
                    engine_seconds=engine,
                    engine_per_second=len(workload) / engine,
                )
            )
    return Assembly(tokenised_per_second=rate, stores=tuple(assembled))


class _TimedPairs(PairTokens):
    seconds: float

    def assemble(self, rows: npt.NDArray[np.intp]) -> TokenBatch:
        started = time.perf_counter()
        batch = super().assemble(rows)
        self.seconds += time.perf_counter() - started
        return batch


class _NoModel(nn.Module):
    def forward(self, input_ids: torch.Tensor, **_: torch.Tensor) -> Any:
        return SimpleNamespace(logits=input_ids.new_zeros(len(input_ids), len(RELATIONS)))


@contextmanager
def _on_one_core() -> Iterator[None]:
    """Keep this process on one core, where the system can (Linux), and torch on one thread."""
    n_threads = torch.get_num_threads()
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    torch.set_num_threads(1)
    if cores is not None:
        os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)
        if cores is not None:
            os.sched_setaffinity(0, cores)
