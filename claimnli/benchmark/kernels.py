"""Which operators the engine's time goes to, by torch's profiler."""

import torch
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
    field = "self_device_time_total" if device.type == "cuda" else "self_cpu_time_total"
    found = sorted(
        (
            (getattr(event, field) / 1e6, event.key, event.count)
            for event in profiled.key_averages()
        ),
        reverse=True,
    )
    total = sum(seconds for seconds, _, _ in found)
    rest = found[_N_SHOWN:]
    shown = [
        *found[:_N_SHOWN],
        (sum(seconds for seconds, _, _ in rest), _REST, sum(count for _, _, count in rest)),
    ]
    return tuple(
        Kernel(name=name, n_calls=count, seconds=seconds, share=seconds / total)
        for seconds, name, count in shown
        if seconds > 0
    )
