"""What the benchmark works on and what it finds. Importing this loads no model library."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from claimnli.records import IntArray

LengthArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Workload:
    """Pairs to score, one direction of each."""

    name: str
    texts: list[str]
    index_a: IntArray
    """(n_pairs,) positions in *texts*."""
    index_b: IntArray
    lengths: LengthArray
    """(n_pairs,) tokens that the model reads, special ones included, padding not."""

    def __len__(self) -> int:
        return len(self.lengths)

    def take(self, rows: npt.NDArray[np.intp]) -> "Workload":
        """The pairs *rows* with no other texts than theirs: nobody tokenises what is not scored."""
        index = np.stack([self.index_a[rows], self.index_b[rows]])
        used, position = np.unique(index, return_inverse=True)
        index_a, index_b = position.reshape(index.shape).astype(np.int32)
        return Workload(
            name=self.name,
            texts=[self.texts[i] for i in used],
            index_a=index_a,
            index_b=index_b,
            lengths=self.lengths[rows],
        )

    def first(self, n_pairs: int) -> "Workload":
        """The first *n_pairs* pairs, or all; their order is random, so that they are a sample."""
        return self if n_pairs >= len(self) else self.take(np.arange(n_pairs))

    def longest(self, n_pairs: int) -> "Workload":
        """The *n_pairs* pairs with the most tokens, which need the most memory."""
        return self.take(np.argsort(-self.lengths, kind="stable")[:n_pairs])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way to score pairs, on one workload."""

    key: str
    """The short name."""
    batch_size: int | None
    """The best of those tried; None if there is nothing to choose."""
    n_pairs: int
    """Fewer than the workload has if this one runs on a sample."""
    seconds: tuple[float, ...]
    """Of each run; tokenising is part of it, loading is not."""
    pairs_per_second: float
    """Median of the runs."""
    slowest: float
    """Pairs a second of the slowest run."""
    fastest: float
    ratio: float
    """Median, over the runs, of the rate against that of the reference in the same run."""
    share_of_ceiling: float | None
    """Nominal FLOPs a second against the matrix products of the device in the same dtype."""
    share_same_label: float
    """Share of pairs with the label that the reference gives."""
    max_difference: float
    """Largest difference of a probability to that of the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadRows:
    """All rows on one workload."""

    workload: str
    n_pairs: int
    n_texts: int
    mean_tokens: float
    mean_flops: float | None
    """Nominal FLOPs a pair; None for an architecture whose formula is not known here."""
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """What one way to score pairs needs in a process of its own."""

    key: str
    start_up_seconds: float
    """Imports and loading, up to where the first pair can be scored."""
    peak_bytes: int
    """Resident memory of the process, or what was allocated on the GPU."""
    n_pairs: int
    """How many of the longest pairs were scored for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the engine's own time."""

    name: str
    seconds: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """Relations of the first workload's pairs, as a comparison asks for them."""

    dtype: str
    """Of the engine."""

    reference_pairs_per_second: float
    """Median of the runs, as the others."""
    pairs_per_second: float
    """The engine as it is set."""
    ratio: float
    share_same_label: float
    """Share of pairs with the label that the reference's logits give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """One operator of the engine."""

    name: str
    n_calls: int
    seconds: float
    """Without the operators that it calls."""
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkResult:
    """All that one run of the benchmark found; its fields are those of the JSON file."""

    date: str
    machine: str
    model: str
    device: str
    folder: str
    repeats: int
    flops_formula: str
    ceilings: dict[str, float]
    """FLOPs a second of the device's matrix products, by dtype."""
    copy_rate: float
    """Bytes a second that the device reads and writes while it copies within its memory."""
    names: dict[str, str]
    """What the short names of the rows stand for."""
    skipped: dict[str, str]
    """Rows that did not run, and why."""
    workloads: tuple[WorkloadRows, ...]
    relations: tuple[Relations, ...]
    """In each number type of the engine; none if the part did not run."""
    alone: tuple[Alone, ...]
    split: tuple[Part, ...]
    """Of the engine's time on the first workload, every part waited for."""
    kernels: tuple[Kernel, ...]
    """Operators of the engine on the first workload, the longest first."""
