"""The device and number type, with the reason."""

import platform

import pytest
import torch

from claimnli.errors import ClaimnliError
from claimnli.nli.device import _glibc, keep_freed_memory, resolve_device, use_threads


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


def test_freed_memory_is_kept_unless_the_environment_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(
        "claimnli.nli.device._glibc", lambda name: lambda *given: calls.append(given)
    )
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.trim_threshold=1")
    keep_freed_memory()
    assert not calls
    for name in ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"):
        monkeypatch.delenv(name, raising=False)
    keep_freed_memory()
    assert calls == [(-3, 32 * 2**20), (-1, 2**31 - 1)]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_glibc_accepts_the_thresholds() -> None:
    mallopt = _glibc("mallopt")
    assert mallopt(-3, 32 * 2**20) == 1
