"""The device and number type, with the reason."""

import os
import platform
import subprocess
import sys

import pytest
import torch

from claimnli.errors import ClaimnliError
from claimnli.nli.device import resolve_device, use_threads


@pytest.mark.parametrize(
    ("flags", "dtype", "reason"),
    [
        ({"avx512f", "avx512_bf16", "amx_bf16"}, torch.bfloat16, "amx_bf16"),
        ({"avx512f", "avx512_bf16"}, torch.bfloat16, "avx512_bf16"),
        ({"avx512f", "avx2"}, torch.float32, "neither"),
        (set(), torch.float32, "neither"),
    ],
)
def test_bfloat16_only_where_the_processor_computes_in_it(
    flags: set[str], dtype: torch.dtype, reason: str
) -> None:
    compute = resolve_device("cpu", cpu_flags=frozenset(flags))
    assert compute.dtype == dtype
    assert reason in compute.reason


def test_a_dtype_that_is_asked_for_is_used() -> None:
    compute = resolve_device("cpu", "bfloat16", cpu_flags=frozenset())
    assert str(compute) == "device=cpu dtype=bfloat16 (as asked)"


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(ClaimnliError, match="'gpu' cannot be used"):
        resolve_device("gpu")


def test_threads() -> None:
    before = torch.get_num_threads()
    try:
        use_threads(1)
        assert torch.get_num_threads() == 1
        use_threads(0)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
    with pytest.raises(ClaimnliError, match="n_threads"):
        use_threads(-1)


# In a process of its own, since the setting is the process's.
COUNT_FAULTS = """
import resource, torch
from claimnli.nli.device import keep_freed_memory

def n_faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        tensors = [torch.ones(2 * 2**20) for _ in range(8)]
        del tensors
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

n_faults()
without = n_faults()
keep_freed_memory()
n_faults()
print(without, n_faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_memory_of_freed_tensors_is_used_again() -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "GLIBC_"))}
    run = subprocess.run(
        [sys.executable, "-c", COUNT_FAULTS],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    without, with_it = map(int, run.stdout.split())
    assert with_it < 0.1 * without
