"""The machine under the benchmark: what it is, how fast it multiplies, how much memory was used."""

import os
import platform
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from claimnli.nli.device import give_back_freed_memory

_LIBRARIES = ("torch", "transformers", "sentence-transformers", "onnxruntime", "openvino")
# Large enough to be at full speed, small enough to take seconds on two cores.
_MATRIX_SIZES = {"cpu": (1024, 2048), "cuda": (4096, 8192, 16_384)}
# More than the caches of all but the largest servers hold.
_COPIED_BYTES = {"cpu": 1 << 28, "cuda": 1 << 31}
_N_RUNS = 5


def describe_machine() -> str:
    """Processor, GPU, cores, threads, load and libraries, in one line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor() or platform.machine()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    parts = [
        processor,
        f"{os.cpu_count()} cores, {torch.get_num_threads()} threads, load {load}",
        *(f"{library} {found}" for library in _LIBRARIES if (found := _version(library))),
    ]
    if torch.cuda.is_available():
        parts.insert(1, f"{torch.cuda.get_device_name()} (CUDA {torch.version.cuda})")
    return ", ".join(parts)


def synchronise(device: torch.device) -> None:
    """Wait until *device* has done what it was given; a CPU always has."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def measure_matmul_rate(device: torch.device, dtype: torch.dtype) -> float:
    """FLOPs a second of square matrix products: the best of several sizes and runs."""
    best = 0.0
    for size in _MATRIX_SIZES.get(device.type, _MATRIX_SIZES["cpu"]):
        a = torch.randn(size, size, device=device).to(dtype)
        b = torch.randn(size, size, device=device).to(dtype)
        product = a @ b
        for _ in range(_N_RUNS):
            synchronise(device)
            started = time.perf_counter()
            torch.matmul(a, b, out=product)
            synchronise(device)
            best = max(best, 2 * size**3 / (time.perf_counter() - started))
    return best


def measure_copy_rate(device: torch.device) -> float:
    """Bytes a second, read and written, of a copy within the memory of *device*: the best run."""
    source = torch.ones(_COPIED_BYTES.get(device.type, _COPIED_BYTES["cpu"]), dtype=torch.uint8)
    source = source.to(device)
    target = torch.empty_like(source)
    best = 0.0
    for _ in range(_N_RUNS):
        synchronise(device)
        started = time.perf_counter()
        target.copy_(source)
        synchronise(device)
        best = max(best, 2 * source.numel() / (time.perf_counter() - started))
    return best


def read_peak_memory(device: torch.device) -> int:
    """Bytes: the most that was allocated on a GPU, else the most that this process had resident."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    resident = _read_resident("VmHWM")
    if resident is None:
        import resource  # not on Windows

        # macOS counts bytes, other systems kilobytes.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    # Not getrusage: on Linux its maximum begins with that of the process that started this one.
    return resident


def reset_peak_memory(device: torch.device) -> int:
    """Let ``read_peak_memory`` begin anew; return the bytes in use now.

    Where the system cannot do so (other than Linux), the peak so far is returned, so that the
    difference to a later one is what was needed at least.
    """
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return torch.cuda.memory_allocated(device)
    give_back_freed_memory()
    try:
        # proc(5): 5 resets the peak resident set size.
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    except OSError:
        return read_peak_memory(device)
    return _read_resident("VmRSS") or read_peak_memory(device)


def _read_resident(field: str) -> int | None:
    """Bytes in *field* of this process's status; None where the system has no such file."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = (int(line.split()[1]) * 1024 for line in status if line.startswith(field))
    return next(found, None)


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
