"""Contenders on the same pairs, taking turns, so that another load on the machine falls on all."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from claimnli.benchmark.contenders import CONTENDERS, REFERENCE, Scorer
from claimnli.benchmark.machine import synchronise
from claimnli.benchmark.records import Row, Workload, WorkloadRows
from claimnli.nli.folding import softmax
from claimnli.records import FloatArray

# Pairs that are scored before anything is timed.
_N_WARM_UP = {"cpu": 32, "cuda": 4096}
# Batches of the largest size in the trial of sizes: one takes seconds on two cores, and
# milliseconds on a GPU.
_N_TRIAL_BATCHES = {"cpu": 1, "cuda": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The same for every workload."""

    device: torch.device
    repeats: int
    batch_sizes: tuple[int, ...]
    """Tried by those that do not choose their batches themselves."""
    n_sample: int
    """Pairs for the slow ones."""
    auto_dtype: str
    """The dtype of the engine."""
    ceilings: Mapping[str, float]
    """FLOPs a second, by dtype."""


def run_in_turns(
    workload: Workload,
    scorers: Mapping[str, Scorer],
    terms: Terms,
    *,
    flops: npt.NDArray[np.float64] | None,
) -> WorkloadRows:
    """Time *scorers*, by their short names, REFERENCE among them, on *workload*.

    *flops*: (n_pairs,) of each pair, None if unknown.
    """
    sample = workload.first(terms.n_sample)
    shares = {key: sample if CONTENDERS[key].is_slow else workload for key in scorers}
    warm_up = workload.first(_N_WARM_UP.get(terms.device.type, _N_WARM_UP["cpu"]))
    sizes: dict[str, int | None] = {}
    for key, scorer in scorers.items():
        small = warm_up.first(len(shares[key]))
        scorer(small.texts, small.index_a, small.index_b, terms.batch_sizes[0])
        sizes[key] = None
        if CONTENDERS[key].has_batch_size:
            sizes[key] = find_batch_size(scorer, workload, terms)

    seconds: dict[str, list[float]] = {key: [] for key in scorers}
    probabilities: dict[str, FloatArray] = {}
    for run in range(terms.repeats):
        # Back and forth: nobody always runs after the same one.
        for key in list(scorers)[:: 1 if run % 2 == 0 else -1]:
            elapsed, logits = _time(scorers[key], shares[key], sizes[key], terms.device)
            seconds[key].append(elapsed)
            probabilities[key] = softmax(logits)

    rates = {key: [len(shares[key]) / s for s in seconds[key]] for key in scorers}
    rows = tuple(
        _row(
            key,
            sizes[key],
            seconds=seconds[key],
            rates=(rates[key], rates[REFERENCE]),
            probabilities=(probabilities[key], probabilities[REFERENCE]),
            share_of_ceiling=_share_of_ceiling(key, statistics.median(rates[key]), flops, terms),
        )
        for key in scorers
    )
    return WorkloadRows(
        workload=workload.name,
        n_pairs=len(workload),
        n_texts=len(np.unique([workload.index_a, workload.index_b])),
        mean_tokens=float(workload.lengths.mean()),
        mean_flops=None if flops is None else float(flops.mean()),
        rows=rows,
    )


def find_batch_size(scorer: Scorer, workload: Workload, terms: Terms) -> int:
    """The fastest of the batch sizes on the first pairs of *workload*."""
    n_batches = _N_TRIAL_BATCHES.get(terms.device.type, _N_TRIAL_BATCHES["cpu"])
    trial = workload.first(n_batches * max(terms.batch_sizes))
    sizes = [size for size in terms.batch_sizes if size <= len(trial)] or [min(terms.batch_sizes)]
    if len(sizes) == 1:
        return sizes[0]
    return min(sizes, key=lambda size: _time(scorer, trial, size, terms.device)[0])


def _time(
    scorer: Scorer, workload: Workload, batch_size: int | None, device: torch.device
) -> tuple[float, FloatArray]:
    synchronise(device)
    started = time.perf_counter()
    logits = scorer(workload.texts, workload.index_a, workload.index_b, batch_size or 1)
    synchronise(device)
    return time.perf_counter() - started, logits


def _row(
    key: str,
    batch_size: int | None,
    *,
    seconds: Sequence[float],
    rates: tuple[Sequence[float], Sequence[float]],
    probabilities: tuple[FloatArray, FloatArray],
    share_of_ceiling: float | None,
) -> Row:
    """*rates* and *probabilities*: those of the row, then those of the reference."""
    own, reference = rates
    given = probabilities[0]
    # A sample is the first pairs of all.
    expected = probabilities[1][: len(given)]
    return Row(
        key=key,
        batch_size=batch_size,
        n_pairs=len(given),
        seconds=tuple(seconds),
        pairs_per_second=statistics.median(own),
        slowest=min(own),
        fastest=max(own),
        ratio=statistics.median(a / b for a, b in zip(own, reference, strict=True)),
        share_of_ceiling=share_of_ceiling,
        share_same_label=float(np.mean(given.argmax(axis=1) == expected.argmax(axis=1))),
        max_difference=float(np.abs(given - expected).max()),
    )


def _share_of_ceiling(
    key: str, rate: float, flops: npt.NDArray[np.float64] | None, terms: Terms
) -> float | None:
    dtype = CONTENDERS[key].dtype
    ceiling = terms.ceilings.get(terms.auto_dtype if dtype == "auto" else dtype)
    if flops is None or not ceiling:
        return None
    n_pairs = terms.n_sample if CONTENDERS[key].is_slow else len(flops)
    return rate * float(flops[:n_pairs].mean()) / ceiling
