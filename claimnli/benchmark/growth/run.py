"""All measurements of growth, each in a fresh process, so that peaks of memory do not mix."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Protocol, TypeVar, TypeVarTuple

import numpy as np

from claimnli.benchmark.alone import in_fresh_process
from claimnli.benchmark.growth.comparing import measure_comparison
from claimnli.benchmark.growth.news import (
    Material,
    invent_articles,
    pairs_across_articles,
    read_material,
    write_articles,
)
from claimnli.benchmark.growth.records import Assembly, Compared, GrowthResult, Scored
from claimnli.benchmark.growth.scoring import measure_assembly, measure_scoring
from claimnli.benchmark.machine import describe_machine
from claimnli.benchmark.records import Workload
from claimnli.benchmark.workloads import PairReader
from claimnli.config import Config
from claimnli.errors import ClaimnliError
from claimnli.nli.checkpoint import load_tokenizer
from claimnli.nli.device import resolve_device, use_threads
from claimnli.nli.weights import resolve_model

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

PartName = Literal["scoring", "assembly", "articles"]
PARTS: tuple[PartName, ...] = ("scoring", "assembly", "articles")
Say = Callable[[str], None]


class Start(Protocol):
    """Calls a function with arguments, in whatever process."""

    def __call__(self, measure: Callable[[*Arguments], T], *arguments: *Arguments) -> T: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthSettings:
    """What to measure."""

    config: Config = field(default_factory=Config)
    """*config.nli* says which model, device, threads; the rest, how articles are compared."""
    data: Path = Path("data")
    """Has the training files that articles are invented from."""
    parts: tuple[str, ...] = PARTS
    """Of PARTS: pairs scored, pairs assembled without a model, articles end to end."""
    sizes: tuple[int, ...] = (1000, 10_000, 100_000)
    """Pairs to score; the largest number is assembled, too."""
    n_articles: int = 2000
    seed: int = 0
    repeats: int = 3
    """Of the assembly, which takes seconds; the rest runs once."""

    def __post_init__(self) -> None:
        for part in self.parts:
            if part not in PARTS:
                raise ClaimnliError(
                    f"there is no part '{part}'", mend=f"The parts are {', '.join(PARTS)}."
                )
        if not self.parts or not self.sizes:
            raise ClaimnliError("there is nothing to measure", mend="Give parts and sizes.")
        if min(self.repeats, *self.sizes) < 1 or self.n_articles < 2 or self.seed < 0:
            raise ClaimnliError(
                "sizes and repeats are at least 1, articles 2, the seed 0",
                mend="Give larger ones.",
            )


def run_growth(
    settings: GrowthSettings, say: Say, *, start: Start = in_fresh_process
) -> GrowthResult:
    """Measure what *settings* say, one thing after the other; *say* is told what goes on.

    What fails, for instance for want of memory, is told in ``not_measured``, and the rest goes on.
    Raises ClaimnliError for what a user can mend: data, model, device.
    """
    nli = settings.config.nli
    use_threads(nli.n_threads)
    # Before there is a load of its own.
    machine = describe_machine()
    compute = resolve_device(nli.device, nli.dtype)
    source = resolve_model(nli.model)
    tokenizer = load_tokenizer(str(source.folder or source.hub_name), source.base_folder)
    material = read_material(settings.data)
    attempt = _Attempts(say, start)
    scored: list[Scored | None] = []
    assembly: Assembly | None = None
    compared: Compared | None = None
    if {"scoring", "assembly"} & set(settings.parts):
        workload = _workload(material, PairReader.of(tokenizer, nli.max_tokens), settings)
        if "scoring" in settings.parts:
            scored = [
                attempt(f"{size:,} pairs scored", measure_scoring, nli, workload.first(size))
                for size in sorted(settings.sizes)
            ]
        if "assembly" in settings.parts:
            name = f"{len(workload):,} pairs assembled"
            assembly = attempt(name, measure_assembly, nli, workload, settings.repeats)
    if "articles" in settings.parts:
        with TemporaryDirectory() as folder:
            articles = invent_articles(material, seed=settings.seed)
            write_articles(islice(articles, settings.n_articles), Path(folder))
            name = f"{settings.n_articles:,} articles compared"
            compared = attempt(name, measure_comparison, Path(folder), settings.config)
    return GrowthResult(
        date=datetime.now(UTC).date().isoformat(),
        machine=machine,
        model=source.name,
        device=str(compute.device),
        dtype=compute.dtype_name,
        seed=settings.seed,
        scored=tuple(one for one in scored if one is not None),
        assembly=assembly,
        compared=compared,
        not_measured=attempt.failures,
    )


def _workload(material: Material, reader: PairReader, settings: GrowthSettings) -> Workload:
    pairs = pairs_across_articles(
        invent_articles(material, seed=settings.seed), max(settings.sizes)
    )
    workload = reader.workload("invented", pairs.texts, pairs.index_a, pairs.index_b)
    # At random, so that the first of them are as long as all are.
    return workload.take(np.random.default_rng(settings.seed).permutation(len(workload)))


class _Attempts:
    """Starts measurements and keeps what was said of those that failed."""

    def __init__(self, say: Say, start: Start) -> None:
        self._say = say
        self._start = start
        self.failures: dict[str, str] = {}

    def __call__(
        self, name: str, measure: Callable[[*Arguments], T], *arguments: *Arguments
    ) -> T | None:
        self._say(name)
        try:
            return self._start(measure, *arguments)
        except (RuntimeError, OSError, MemoryError) as error:
            # What was measured before is not lost for it.
            self.failures[name] = str(error)
            self._say(f"{name}: not measured ({error})")
            return None
