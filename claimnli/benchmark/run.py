"""The whole benchmark, from a folder of articles to its result."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import torch
from transformers import PretrainedConfig

from claimnli.benchmark.alone import measure_in_process
from claimnli.benchmark.contenders import (
    CONTENDERS,
    REFERENCE,
    Scorer,
    Setup,
    choose,
    load_contender,
    reason_to_skip,
)
from claimnli.benchmark.flops import FLOPS_FORMULA, flops_of_pairs
from claimnli.benchmark.kernels import profile_kernels
from claimnli.benchmark.machine import describe_machine, measure_copy_rate, measure_matmul_rate
from claimnli.benchmark.records import (
    Alone,
    BenchmarkResult,
    Kernel,
    Part,
    Relations,
    Workload,
    WorkloadRows,
)
from claimnli.benchmark.relations import time_relations
from claimnli.benchmark.split import split_time
from claimnli.benchmark.turns import Terms, run_in_turns
from claimnli.benchmark.workloads import PairReader, pairs_of_length, read_folder, real_mix
from claimnli.config import Config, Dtype
from claimnli.embedding import Encoder
from claimnli.errors import ClaimnliError
from claimnli.nli.checkpoint import load_config, load_tokenizer
from claimnli.nli.device import DTYPES, ComputeDevice, resolve_device, use_threads
from claimnli.nli.export import export_checkpoint
from claimnli.nli.weights import resolve_model

PartName = Literal["mix", "lengths", "relations", "alone", "split", "kernels"]
PARTS: tuple[PartName, ...] = ("mix", "lengths", "relations", "alone", "split", "kernels")
Say = Callable[[str], None]

# Tokens of the pairs of one length: seconds a run for the slowest row on two cores; on a GPU enough
# for its batches of 65,536 tokens.
_N_TOKENS = {"cpu": 8192, "cuda": 1 << 20}
_BATCH_SIZES = {"cpu": (16, 32, 64, 128), "cuda": (16, 32, 64, 128, 256, 512)}


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkSettings:
    """What to run."""

    folder: Path
    config: Config = field(default_factory=Config)
    """*config.nli* says which model, device, threads; the rest, which pairs the folder has."""
    parts: tuple[str, ...] = PARTS
    """Of PARTS: pairs of the folder, pairs by length, relations of the pairs from both orders,
    memory and start-up, the engine's time by parts and by operators."""
    only: tuple[str, ...] = ()
    """Rows to run; empty means all."""
    skip: tuple[str, ...] = ()
    n_pairs: int = 0
    """Pairs of the folder, drawn at random; 0 means all."""
    lengths: tuple[int, ...] = (16, 32, 64, 128, 256)
    """Tokens a pair."""
    n_tokens: int = 0
    """Tokens of all pairs of one length together; 0 lets the device decide."""
    n_sample: int = 64
    """Pairs for the rows that are scored on a sample."""
    repeats: int = 3
    batch_sizes: tuple[int, ...] = ()
    """Tried by those who do not choose their batches themselves; empty lets the device decide."""

    def __post_init__(self) -> None:
        for part in self.parts:
            if part not in PARTS:
                raise ClaimnliError(
                    f"there is no part '{part}'", mend=f"The parts are {', '.join(PARTS)}."
                )
        if not {"mix", "lengths"} & set(self.parts):
            raise ClaimnliError("there are no pairs", mend="Run the part mix, or lengths, too.")
        if "mix" not in self.parts and not self.lengths:
            raise ClaimnliError("there are no pairs", mend="Give --lengths, or run the part mix.")
        if min(self.repeats, self.n_sample, *self.batch_sizes, *self.lengths) < 1:
            raise ClaimnliError(
                "repeats, sample, batch sizes and lengths are at least 1",
                mend="Give positive ones.",
            )


def run_benchmark(
    settings: BenchmarkSettings, say: Say, *, encoder: Encoder | None = None
) -> BenchmarkResult:
    """Run *settings*; *say* is told what goes on. *encoder* pairs the claims, bundled if None.

    Raises ClaimnliError for what a user can mend: names, folder, model, device.
    """
    nli = settings.config.nli
    use_threads(nli.n_threads)
    # Before there is a load of its own.
    machine = describe_machine()
    compute = resolve_device(nli.device, nli.dtype)
    keys, skipped = _rows_that_can_run(settings, compute)
    source = resolve_model(nli.model)
    place = str(source.folder or source.hub_name)
    reader = PairReader.of(load_tokenizer(place, source.base_folder), nli.max_tokens)
    workloads = list(_workloads(settings, reader, compute, encoder))
    say(f"matrix products on {compute.device}")
    ceilings = _measure_ceilings(keys, compute)
    terms = Terms(
        device=compute.device,
        repeats=settings.repeats,
        batch_sizes=settings.batch_sizes
        or _BATCH_SIZES.get(compute.device.type, _BATCH_SIZES["cpu"]),
        n_sample=settings.n_sample,
        auto_dtype=compute.dtype_name,
        ceilings=ceilings,
    )
    with TemporaryDirectory() as checkpoint:
        # The others read no adapter and no hub name of ours, but any whole checkpoint.
        export_checkpoint(nli.model, Path(checkpoint))
        setup = Setup(config=nli, checkpoint=checkpoint, device=str(compute.device))
        results = _time_rows(workloads, keys, setup, terms, load_config(checkpoint), say, skipped)
        relations = _relations(settings, results[0], setup, workloads[0], say)
        alone = _measure_alone(settings, results[0], setup, workloads[0], say)
    return BenchmarkResult(
        date=datetime.now(UTC).date().isoformat(),
        machine=machine,
        model=source.name,
        device=str(compute.device),
        folder=str(settings.folder),
        repeats=settings.repeats,
        flops_formula=FLOPS_FORMULA,
        ceilings=ceilings,
        copy_rate=measure_copy_rate(compute.device),
        names={row.key: CONTENDERS[row.key].name for row in results[0].rows},
        skipped=skipped,
        workloads=results,
        relations=relations,
        alone=alone,
        split=_split(settings, workloads[0], say),
        kernels=_kernels(settings, workloads[0], say),
    )


def _workloads(
    settings: BenchmarkSettings,
    reader: PairReader,
    compute: ComputeDevice,
    encoder: Encoder | None,
) -> Iterator[Workload]:
    articles = read_folder(settings.folder, settings.config)
    if "mix" in settings.parts:
        yield real_mix(articles, settings.config, reader, n_pairs=settings.n_pairs, encoder=encoder)
    if "lengths" in settings.parts:
        kind = compute.device.type
        n_tokens = settings.n_tokens or _N_TOKENS.get(kind, _N_TOKENS["cpu"])
        for length in settings.lengths:
            yield pairs_of_length(articles, reader, length, max(1, n_tokens // length))


def _rows_that_can_run(
    settings: BenchmarkSettings, compute: ComputeDevice
) -> tuple[list[str], dict[str, str]]:
    """Short names, and why the other chosen ones cannot."""
    chosen = choose(settings.only, settings.skip)
    reasons = {
        key: reason_to_skip(
            CONTENDERS[key], device=compute.device.type, auto_dtype=compute.dtype_name
        )
        for key in chosen
    }
    skipped = {key: reason for key, reason in reasons.items() if reason is not None}
    return [key for key in chosen if key not in skipped], skipped


def _measure_ceilings(keys: Sequence[str], compute: ComputeDevice) -> dict[str, float]:
    # Torch has no plain product of int8 whose rate would say what the processor can do.
    dtypes = (CONTENDERS[key].dtype for key in keys if CONTENDERS[key].dtype != "int8")
    names = dict.fromkeys(compute.dtype_name if name == "auto" else name for name in dtypes)
    return {name: measure_matmul_rate(compute.device, DTYPES[name]) for name in names}


def _time_rows(
    workloads: Sequence[Workload],
    keys: Sequence[str],
    setup: Setup,
    terms: Terms,
    model_config: PretrainedConfig,
    say: Say,
    skipped: dict[str, str],
) -> tuple[WorkloadRows, ...]:
    """All rows on all workloads; what cannot be loaded is added to *skipped*."""
    scorers: dict[str, Scorer] = {}
    for key in keys:
        say(f"loading {key}")
        try:
            scorers[key] = load_contender(key, setup)
        except ClaimnliError as error:
            if not CONTENDERS[key].may_fail:
                raise
            skipped[key] = str(error)
    results = []
    for workload in workloads:
        say(f"{workload.name}: {len(workload):,} pairs, {len(scorers)} rows")
        flops = flops_of_pairs(model_config, workload.lengths)
        results.append(run_in_turns(workload, scorers, terms, flops=flops))
    return tuple(results)


def _relations(
    settings: BenchmarkSettings, found: WorkloadRows, setup: Setup, workload: Workload, say: Say
) -> tuple[Relations, ...]:
    if "relations" not in settings.parts:
        return ()
    say("relations from both orders")
    batch_size = next(row.batch_size for row in found.rows if row.key == REFERENCE) or 1
    # As it is set, and in the number types whose rows could run.
    keys = {row.key for row in found.rows}
    dtypes: list[Dtype] = [setup.config.dtype]
    if "ours-int8" in keys and setup.config.dtype != "int8":
        dtypes.append("int8")
    return time_relations(workload, setup, dtypes, batch_size=batch_size, repeats=settings.repeats)


def _measure_alone(
    settings: BenchmarkSettings, found: WorkloadRows, setup: Setup, workload: Workload, say: Say
) -> tuple[Alone, ...]:
    if "alone" not in settings.parts:
        return ()
    say(f"memory and start-up: {len(found.rows)} processes")
    torch.cuda.empty_cache()
    measured = []
    for row in found.rows:
        try:
            measured.append(measure_in_process(row.key, setup, workload, row.batch_size or 1))
        except (RuntimeError, OSError, ClaimnliError) as error:
            # What was timed before is not lost for it.
            say(f"{row.key}: not measured ({error})")
    return tuple(measured)


def _split(settings: BenchmarkSettings, workload: Workload, say: Say) -> tuple[Part, ...]:
    if "split" not in settings.parts:
        return ()
    say("the engine's own time")
    return split_time(workload, settings.config.nli, repeats=settings.repeats)


def _kernels(settings: BenchmarkSettings, workload: Workload, say: Say) -> tuple[Kernel, ...]:
    if "kernels" not in settings.parts:
        return ()
    say("the engine's operators")
    try:
        return profile_kernels(workload, settings.config.nli)
    except RuntimeError as error:
        # What was timed before is not lost for it.
        say(f"not profiled ({error})")
        return ()
