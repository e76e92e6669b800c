"""Start-up time and peak memory, each contender in a fresh process of its own."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar, TypeVarTuple

from claimnli.benchmark.contenders import Setup, load_contender
from claimnli.benchmark.records import Alone, Workload

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

# Longest pairs: enough to fill the largest batches.
_N_PAIRS = {"cpu": 128, "cuda": 16_384}


def measure_in_process(key: str, setup: Setup, workload: Workload, batch_size: int) -> Alone:
    """Load the row *key* in a fresh process and let it score the longest pairs of *workload*.

    Raises RuntimeError if the process dies, for instance for want of memory.
    """
    kind = setup.device.partition(":")[0]
    longest = workload.longest(_N_PAIRS.get(kind, _N_PAIRS["cpu"]))
    return in_fresh_process(measure_alone, key, setup, longest, batch_size)


def in_fresh_process(measure: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
    """What *measure*, a function of a module, returns in a process that has done nothing else.

    Raises what it raises, and RuntimeError if the process dies.
    """
    # Spawned, not forked: a forked process has this one's imports and memory from its start.
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, *arguments).result()


def measure_alone(key: str, setup: Setup, workload: Workload, batch_size: int) -> Alone:
    """Load the row *key* and score *workload*: for a process that has done nothing else."""
    started = time.perf_counter()
    scorer = load_contender(key, setup)
    start_up_seconds = time.perf_counter() - started

    # Only now: torch's import belongs to the start-up.
    import torch

    from claimnli.benchmark.machine import read_peak_memory
    from claimnli.nli.device import use_threads

    use_threads(setup.config.n_threads)
    scorer(workload.texts, workload.index_a, workload.index_b, batch_size)
    return Alone(
        key=key,
        start_up_seconds=start_up_seconds,
        peak_bytes=read_peak_memory(torch.device(setup.device)),
        n_pairs=len(workload),
    )
