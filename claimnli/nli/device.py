"""Which device and which number type the model runs in, decided once and with the reason said."""

import ctypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from claimnli.errors import ClaimnliError

DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "int8": torch.int8,
}

# From glibc's malloc.h.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_MALLOC_SETTINGS = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeDevice:
    """Where the model runs: ``device=cpu dtype=bfloat16 (amx_bf16)``."""

    device: torch.device
    dtype: torch.dtype
    reason: str
    """Why this number type."""

    @property
    def dtype_name(self) -> str:
        """``bfloat16``, not ``torch.bfloat16``."""
        return str(self.dtype).removeprefix("torch.")

    def __str__(self) -> str:
        return f"device={self.device} dtype={self.dtype_name} ({self.reason})"


def resolve_device(
    device: str = "auto", dtype: str = "auto", *, cpu_flags: frozenset[str] | None = None
) -> ComputeDevice:
    """Choose the device and the number type, as asked or, for ``auto``, the fastest that is exact.

    *cpu_flags* are the processor's feature flags; None reads them from the system. Raises
    ClaimnliError for a device that does not exist here.
    """
    torch_device = _device(device)
    if dtype == "int8":
        return _eight_bits(torch_device, read_cpu_flags() if cpu_flags is None else cpu_flags)
    if dtype != "auto":
        return ComputeDevice(device=torch_device, dtype=DTYPES[dtype], reason="as asked")
    if torch_device.type == "cpu":
        chosen, reason = _cpu_dtype(read_cpu_flags() if cpu_flags is None else cpu_flags)
    elif torch_device.type == "cuda":
        chosen, reason = _cuda_dtype(torch_device)
    else:
        chosen, reason = torch.float32, f"bfloat16 is not tried on {torch_device.type}"
    return ComputeDevice(device=torch_device, dtype=chosen, reason=reason)


def read_cpu_flags() -> frozenset[str]:
    """The processor's feature flags on Linux; empty where the system does not list them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    return next(
        (frozenset(line.split(":", 1)[1].split()) for line in lines if line.startswith("flags")),
        frozenset(),
    )


def use_threads(n_threads: int) -> None:
    """Let torch compute with *n_threads* CPU threads, process-wide; 0 leaves it as it is."""
    if n_threads < 0:
        raise ClaimnliError(f"nli.n_threads cannot be {n_threads}", mend="0 keeps the default.")
    if n_threads > 0:
        torch.set_num_threads(n_threads)


def keep_freed_memory() -> None:
    """Let the C library keep the memory of freed tensors for the next ones, process-wide.

    Without it large tensors often come fresh from the system, page by page; it halved the page
    faults of a run (docs/log.md). What was in use at most stays with the process. Does nothing
    where the C library is not glibc, or where the environment sets its thresholds.
    """
    mallopt = _glibc("mallopt")
    if mallopt is not None and not any(name in os.environ for name in _MALLOC_SETTINGS):
        mallopt(_M_MMAP_THRESHOLD, 32 * 2**20)  # older versions accept no more
        mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)


def give_back_freed_memory() -> None:
    """Return what ``keep_freed_memory`` keeps to the system, for measurements."""
    malloc_trim = _glibc("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


def _glibc(name: str) -> Any:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


def _device(name: str) -> torch.device:
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        # An empty tensor is the one check that covers a missing driver and a wrong index alike.
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ClaimnliError(
            f"device '{name}' cannot be used here: {str(error).splitlines()[0]}",
            mend="Use --device auto, or --device cpu, which works everywhere.",
        ) from error
    return device


def _eight_bits(device: torch.device, flags: frozenset[str]) -> ComputeDevice:
    if device.type != "cpu":
        raise ClaimnliError(
            f"int8 is for processors, and the device is {device}",
            mend="Use --device cpu, or leave the dtype to claimnli.",
        )
    # What stays in bfloat16 would take longer than 8 bits save on a processor that lacks it.
    found = next((flag for flag in ("amx_int8", "avx512_vnni") if flag in flags), None)
    if found is None or _cpu_dtype(flags)[0] is not torch.bfloat16:
        raise ClaimnliError(
            "this processor is not known to multiply in 8 bits and in bfloat16",
            mend="Leave the dtype to claimnli: it needs amx_int8 or avx512_vnni, and bfloat16.",
        )
    return ComputeDevice(device=device, dtype=torch.int8, reason=f"as asked, with {found}")


def _cpu_dtype(flags: frozenset[str]) -> tuple[torch.dtype, str]:
    # With one of these, bfloat16 measured 3 to 4 times the speed of float32; on a processor without
    # them, a sixth of it, since every product is emulated.
    for flag in ("amx_bf16", "avx512_bf16"):
        if flag in flags:
            return torch.bfloat16, flag
    return torch.float32, "the processor has neither amx_bf16 nor avx512_bf16"


def _cuda_dtype(device: torch.device) -> tuple[torch.dtype, str]:
    major, minor = torch.cuda.get_device_capability(device)
    reason = f"compute capability {major}.{minor}"
    return (torch.bfloat16 if major >= 8 else torch.float32), reason
