"""What of the profiler's rows is shown."""

from types import SimpleNamespace

import pytest
from torch._C._autograd import DeviceType

from claimnli.benchmark.kernels import rank_kernels


def row(
    key: str, cpu: float, device: float, kind: DeviceType = DeviceType.CPU, count: int = 2
) -> SimpleNamespace:
    return SimpleNamespace(
        key=key,
        count=count,
        device_type=kind,
        self_cpu_time_total=cpu,
        self_device_time_total=device,
    )


EVENTS = [
    row("copy", 5e6, 1e6),
    row("product", 1e6, 3e6),
    row("gemm_kernel", 0, 3e6, DeviceType.CUDA),
    row("view", 2e6, 0),
]


def test_on_a_gpu_an_operator_and_its_kernel_count_once() -> None:
    kernels = rank_kernels(EVENTS, is_gpu=True)
    assert [(kernel.name, kernel.seconds) for kernel in kernels] == [("product", 3), ("copy", 1)]
    assert kernels[0].share == pytest.approx(0.75)


def test_on_a_cpu_its_own_time_counts() -> None:
    assert [kernel.name for kernel in rank_kernels(EVENTS, is_gpu=False)] == [
        "copy",
        "view",
        "product",
    ]


def test_what_is_not_shown_is_summed() -> None:
    kernels = rank_kernels([row(f"op{i:02}", 1e6 * (20 - i), 0) for i in range(20)], is_gpu=False)
    assert len(kernels) == 13
    assert kernels[-1].name == "all others"
    assert kernels[-1].seconds == sum(range(1, 9))
    assert kernels[-1].n_calls == 16
    assert sum(kernel.share for kernel in kernels) == pytest.approx(1)
