"""Which operators the engine's time goes to, by torch's profiler."""

from collections.abc import Iterable
from typing import Any

import torch
from torch._C._autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from claimnli.benchmark.machine import synchronise
from claimnli.benchmark.records import Kernel, Workload
from claimnli.config import NliConfig
from claimnli.nli.model import load_model

_N_SHOWN = 12
_REST = "all others"


def profile_kernels(workload: Workload, config: NliConfig) -> tuple[Kernel, ...]:
    """Operators of one run of the engine on *workload*, the longest first, then all the others.

    On a GPU their time is that of its kernels, on a CPU that spent in the operator itself. The
    profiler slows small operators down: the shares are a guide, the benchmark's rows are the speed.
    """
    model = load_model(config)
    device = torch.device(model.info.device)
    first = workload.first(32)
    model.logits(first.texts, first.index_a, first.index_b)
    activities = [ProfilerActivity.CPU]
    if device.type == "cuda":
        activities.append(ProfilerActivity.CUDA)
    with profile(activities=activities) as profiled:
        model.logits(workload.texts, workload.index_a, workload.index_b)
        synchronise(device)
    return rank_kernels(profiled.key_averages(), is_gpu=device.type == "cuda")


def rank_kernels(events: Iterable[Any], *, is_gpu: bool) -> tuple[Kernel, ...]:
    """The longest of *events*, averages of torch's profiler, and the sum of all the others."""
    field = "self_device_time_total" if is_gpu else "self_cpu_time_total"
    # The kernels of a GPU have rows of their own beside the operators that started them, which have
    # their time, too.
    found = sorted(
        (
            (getattr(event, field) / 1e6, event.key, event.count)
            for event in events
            if event.device_type == DeviceType.CPU and getattr(event, field) > 0
        ),
        reverse=True,
    )
    rest = found[_N_SHOWN:]
    if rest:
        seconds, n_calls = sum(row[0] for row in rest), sum(row[2] for row in rest)
        found = [*found[:_N_SHOWN], (seconds, _REST, n_calls)]
    total = sum(seconds for seconds, _, _ in found)
    return tuple(
        Kernel(name=name, n_calls=n_calls, seconds=seconds, share=seconds / total)
        for seconds, name, n_calls in found
    )
