"""The benchmark's result as one table, and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from claimnli.benchmark.records import Alone, BenchmarkResult, Row

_HEADER = (
    f"{'pairs':6}{'row':18}{'batch':>6}{'pairs/s':>10}  {'(min, max)':20}{'ratio':>8}{'ceiling':>9}"
    f"{'same label':>12}{'max diff':>10}{'peak MB':>9}{'start s':>9}"
)

_KERNEL_WIDTH = 60


def format_result(result: BenchmarkResult) -> list[str]:
    """The lines to print."""
    return list(_lines(result))


def write_json(result: BenchmarkResult, folder: Path) -> Path:
    """Write *result* to ``benchmark-<model>-<device>.json`` in *folder*; return that path."""
    device = result.device.partition(":")[0]
    path = folder / f"benchmark-{Path(result.model).name}-{device}.json"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")
    return path


def _lines(result: BenchmarkResult) -> Iterator[str]:
    yield result.machine
    yield f"model {result.model} on {result.device}, text of {result.folder}, {result.date}"
    for dtype, rate in result.ceilings.items():
        yield f"ceiling: {rate / 1e9:,.0f} GFLOP/s in {dtype} (matrix products, measured)"
    yield f"copy: {result.copy_rate / 1e9:,.1f} GB/s, read and written"
    yield f"FLOPs of a pair of L tokens: {result.flops_formula}"
    yield ""
    for key, name in result.names.items():
        yield f"{key:20}{name}"
    for key, reason in result.skipped.items():
        yield f"{key:20}skipped: {reason}"
    yield ""
    yield f"medians of {result.repeats} runs in turns; ratio, label, difference: to the first row"
    yield _HEADER
    # Beside the first workload, whose pairs they were measured with.
    alone = {(result.workloads[0].workload, one.key): one for one in result.alone}
    for found in result.workloads:
        for row in found.rows:
            yield _format_row(found.workload, row, alone.get((found.workload, row.key)))
        work = "" if found.mean_flops is None else f", {found.mean_flops / 1e9:.3g} GFLOP a pair"
        yield (
            f"      {found.n_pairs:,} pairs of {found.n_texts:,} texts, "
            f"{found.mean_tokens:.1f} tokens a pair{work}"
        )
    if result.relations:
        yield ""
        yield (
            f"relations of '{result.workloads[0].workload}', which the first row reads in both "
            "orders and claimnli as it is set"
        )
        for both in result.relations:
            yield (
                f"in {both.dtype}: {both.pairs_per_second:,.1f} pairs/s, {both.ratio:.2f}x the "
                f"{both.reference_pairs_per_second:,.1f} of the first row; "
                f"same label {both.share_same_label:.2%}"
            )
    if result.split:
        yield ""
        yield f"the engine's own time on '{result.workloads[0].workload}', each part waited for"
        for part in result.split:
            yield f"{part.name:12}{part.seconds:10.4f} s{part.share:8.1%}"
    if result.kernels:
        yield ""
        yield (
            f"the engine's operators on '{result.workloads[0].workload}', by torch's profiler, "
            f"time on {result.device}"
        )
        for kernel in result.kernels:
            yield (
                f"{kernel.name[:_KERNEL_WIDTH]:{_KERNEL_WIDTH}}{kernel.n_calls:9,} calls"
                f"{kernel.seconds:10.4f} s{kernel.share:8.1%}"
            )


def _format_row(workload: str, row: Row, alone: Alone | None) -> str:
    ceiling = "-" if row.share_of_ceiling is None else f"{row.share_of_ceiling:.1%}"
    peak, start = "", ""
    if alone is not None:
        peak, start = f"{alone.peak_bytes / 1e6:,.0f}", f"{alone.start_up_seconds:.1f}"
    spread = f"({row.slowest:,.1f}, {row.fastest:,.1f})"
    return (
        f"{workload:6}{row.key:18}{row.batch_size or '-':>6}{row.pairs_per_second:10,.1f}  "
        f"{spread:20}{row.ratio:7.2f}x{ceiling:>9}{row.share_same_label:12.2%}"
        f"{row.max_difference:10.2g}{peak:>9}{start:>9}"
    ).rstrip()
