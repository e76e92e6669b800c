"""The engine against sentence-transformers: same weights, same pairs, same process."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from claimnli.config import NliConfig
from claimnli.errors import ClaimnliError
from claimnli.nli.device import use_threads
from claimnli.nli.export import export_checkpoint
from claimnli.nli.folding import softmax
from claimnli.nli.model import load_model
from claimnli.records import FloatArray, IntArray

_N_WARM_UP = 32
Scorer = Callable[[Sequence[str], IntArray, IntArray], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """One way to score pairs, and what it gave."""

    name: str
    pairs_per_second: float
    """Median of the runs; tokenising is part of the time, loading is not."""
    slowest: float
    fastest: float
    speedup: float
    """Median, over the runs, of the time of CrossEncoder against the time of this one."""
    share_same_label: float
    """Share of pairs with the label that CrossEncoder gives."""
    max_difference: float
    """Largest difference of a probability to that of CrossEncoder."""


def describe_machine() -> str:
    """Processor, cores, threads and libraries, in one line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor() or platform.machine()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{processor}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, "
        f"load {load}, torch {torch.__version__}"
    )


def compare_speed(
    texts: Sequence[str],
    index_premise: IntArray,
    index_hypothesis: IntArray,
    config: NliConfig,
    *,
    repeats: int = 3,
) -> list[Runner]:
    """Time the pairs with CrossEncoder.predict (float32, batches of 32), the engine in float32, and
    the engine as *config* has it.

    One direction of each pair, since CrossEncoder scores one. The runs take turns, so that another
    load on the machine falls on all of them.
    """
    cross_encoder = "CrossEncoder.predict, float32"
    exact = load_model(replace(config, dtype="float32"))
    scorers: dict[str, Scorer] = {
        cross_encoder: _load_cross_encoder(config, exact.info.device),
        "claimnli, float32": exact.logits,
    }
    asked = load_model(config)
    if asked.info.dtype != "float32":
        scorers[f"claimnli, {asked.info.dtype}"] = asked.logits

    warm_up = slice(0, _N_WARM_UP)
    for scorer in scorers.values():
        scorer(texts, index_premise[warm_up], index_hypothesis[warm_up])
    seconds: dict[str, list[float]] = {name: [] for name in scorers}
    probabilities: dict[str, FloatArray] = {}
    for _ in range(repeats):
        for name, scorer in scorers.items():
            started = time.perf_counter()
            logits = scorer(texts, index_premise, index_hypothesis)
            seconds[name].append(time.perf_counter() - started)
            probabilities[name] = softmax(logits)

    expected, n_pairs = probabilities[cross_encoder], len(index_premise)
    return [
        Runner(
            name=name,
            pairs_per_second=n_pairs / statistics.median(times),
            slowest=n_pairs / max(times),
            fastest=n_pairs / min(times),
            speedup=statistics.median(
                theirs / ours for theirs, ours in zip(seconds[cross_encoder], times, strict=True)
            ),
            share_same_label=float(
                np.mean(probabilities[name].argmax(axis=1) == expected.argmax(axis=1))
            ),
            max_difference=float(np.abs(probabilities[name] - expected).max()),
        )
        for name, times in seconds.items()
    ]


def _load_cross_encoder(config: NliConfig, device: str) -> Scorer:
    try:
        from sentence_transformers import CrossEncoder
    except ImportError as error:
        raise ClaimnliError(
            "the benchmark compares with sentence-transformers, which is not installed",
            mend="pip install sentence-transformers",
        ) from error
    use_threads(config.n_threads)
    with TemporaryDirectory() as folder:
        # It reads no adapter and no hub name of ours, but any whole checkpoint.
        export_checkpoint(config.model, Path(folder))
        encoder = CrossEncoder(folder, device=device, max_length=config.max_tokens)

    def predict(texts: Sequence[str], index_a: IntArray, index_b: IntArray) -> FloatArray:
        pairs = [(texts[a], texts[b]) for a, b in zip(index_a, index_b, strict=True)]
        scores: FloatArray = encoder.predict(pairs, show_progress_bar=False)
        return scores

    return predict
