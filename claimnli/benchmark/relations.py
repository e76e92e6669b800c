"""Relations of pairs, which have two orders each: what a comparison asks for.

The reference reads every pair in both orders; the engine, as it is set, reads the second where the
first leaves the relation open. The same fold and calibration make labels of either's logits.
"""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from claimnli.benchmark.contenders import REFERENCE, Setup, load_contender
from claimnli.benchmark.machine import synchronise
from claimnli.benchmark.records import Relations, Workload
from claimnli.config import Dtype
from claimnli.nli.calibration import Calibration, load_calibration
from claimnli.nli.folding import fold_directions
from claimnli.nli.model import NliModel, load_model
from claimnli.records import FloatArray


def time_relations(
    workload: Workload,
    setup: Setup,
    dtypes: Iterable[Dtype],
    *,
    batch_size: int,
    repeats: int,
) -> tuple[Relations, ...]:
    """The engine in each of *dtypes* beside the reference, on *workload*, taking turns.

    *batch_size* is that of the reference.
    """
    reference = load_contender(REFERENCE, setup)
    models = [
        load_model(replace(setup.config, device=setup.device, dtype=dtype)) for dtype in dtypes
    ]
    model = models[0]
    calibration = load_calibration(Path(setup.checkpoint)) or Calibration()
    device = torch.device(model.info.device)
    texts, index_a, index_b = workload.texts, workload.index_a, workload.index_b

    def read_both_orders() -> FloatArray:
        logits = reference(
            texts,
            np.concatenate([index_a, index_b]),
            np.concatenate([index_b, index_a]),
            batch_size,
        )
        orders = logits.reshape(2, len(workload), -1).swapaxes(0, 1)
        return calibration.apply(fold_directions(orders, model.labels))

    def score_relations(model: NliModel) -> FloatArray:
        return model.score_relations(texts, index_a, index_b).probabilities

    runs: list[Callable[[], FloatArray]] = [read_both_orders]
    runs += [partial(score_relations, model) for model in models]
    rates: dict[Callable[[], FloatArray], list[float]] = {run: [] for run in runs}
    probabilities: dict[Callable[[], FloatArray], FloatArray] = {}
    # The first turn warms both up, and is not counted.
    for turn in range(repeats + 1):
        for run in runs[:: 1 if turn % 2 == 0 else -1]:
            synchronise(device)
            started = time.perf_counter()
            probabilities[run] = run()
            synchronise(device)
            rates[run].append(len(workload) / (time.perf_counter() - started))
    theirs, *ours = (rates[run][1:] for run in runs)
    expected, *found = (probabilities[run].argmax(axis=1) for run in runs)
    return tuple(
        Relations(
            dtype=model.info.dtype,
            reference_pairs_per_second=statistics.median(theirs),
            pairs_per_second=statistics.median(own),
            ratio=statistics.median(b / a for a, b in zip(theirs, own, strict=True)),
            share_same_label=float(np.mean(expected == labels)),
        )
        for model, own, labels in zip(models, ours, found, strict=True)
    )
