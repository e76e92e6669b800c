"""The measurements of growth as tables, and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from claimnli.benchmark.growth.records import Assembly, Compared, GrowthResult, Scored


def format_growth(result: GrowthResult) -> list[str]:
    """The lines to print."""
    return list(_lines(result))


def write_growth(result: GrowthResult, folder: Path) -> Path:
    """Write *result* to ``growth-<model>-<device>.json`` in *folder*; return that path."""
    device = result.device.partition(":")[0]
    path = folder / f"growth-{Path(result.model).name}-{device}.json"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")
    return path


def _lines(result: GrowthResult) -> Iterator[str]:
    yield result.machine
    yield (
        f"model {result.model} on {result.device} in {result.dtype}, "
        f"invented articles of seed {result.seed}, {result.date}"
    )
    if result.scored:
        yield from _scored(result.scored)
    if result.assembly is not None:
        yield from _assembled(result.assembly)
    if result.compared is not None:
        yield from _compared(result.compared)
    for name, reason in result.not_measured.items():
        yield ""
        yield f"{name}: not measured ({reason})"


def _scored(rows: tuple[Scored, ...]) -> Iterator[str]:
    yield ""
    yield "relations of pairs, each number in a process of its own; peak: beyond the model"
    yield f"{'pairs':>10}{'texts':>10}{'tokens':>9}{'seconds':>11}{'pairs/s':>11}{'peak MB':>10}"
    for row in rows:
        yield (
            f"{row.n_pairs:10,}{row.n_texts:10,}{row.mean_tokens:9.1f}{row.seconds:11,.2f}"
            f"{row.pairs_per_second:11,.0f}{row.peak_bytes / 1e6:10,.0f}"
        )


def _assembled(assembly: Assembly) -> Iterator[str]:
    first = assembly.stores[0]
    yield ""
    yield (
        f"{first.n_pairs:,} pairs of {first.n_texts:,} texts assembled on one core, one order; "
        f"{assembly.tokenised_per_second:,.0f} texts tokenised a second"
    )
    yield f"{'store':16}{'batch':>8}{'gather s':>11}{'pairs/s':>12}{'engine s':>11}{'pairs/s':>12}"
    for row in assembly.stores:
        yield (
            f"{row.store:16}{row.batch_tokens:8,}{row.gather_seconds:11.3f}{row.gathered_per_second:12,.0f}"
            f"{row.engine_seconds:11.3f}{row.engine_per_second:12,.0f}"
        )


def _compared(found: Compared) -> Iterator[str]:
    yield ""
    yield (
        f"{found.n_articles:,} articles, {found.n_claims:,} claims, {found.n_pairs:,} candidate "
        f"pairs in {found.seconds:,.1f} s; peak: resident beyond models"
    )
    header = f"{'stage':16}{'items':>12}{'':17}{'seconds':>10}{'items/s':>12}"
    yield f"{header}{'share':>8}{'peak MB':>9}"
    for row in found.stages:
        yield (
            f"{row.stage:16}{row.n_items:12,} {row.items:16}{row.seconds:10,.2f}"
            f"{row.items_per_second:12,.0f}{row.share:8.1%}{row.peak_bytes / 1e6:9,.0f}"
        )
    share = next(row.share for row in found.stages if row.stage == found.largest_stage)
    yield f"largest stage: {found.largest_stage}, {share:.1%} of the time"
