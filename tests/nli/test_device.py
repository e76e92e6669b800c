"""The device and number type, with the reason."""

import sys

import pytest
import torch

from claimnli.errors import ClaimnliError
from claimnli.nli.device import keep_freed_memory, resolve_device, use_threads


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


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator")
def test_memory_of_freed_tensors_is_used_again() -> None:
    import resource  # not on Windows

    def n_faults() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(20):
            torch.ones(4 * 2**20)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    keep_freed_memory()
    n_faults()
    n_pages = 4 * 4 * 2**20 // resource.getpagesize()
    assert n_faults() < 2 * n_pages  # 20 times as many if every tensor were new
