"""What the measurements of growth find. Importing this loads no model library."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Relations of pairs, scored as a comparison does it, in a process of their own."""

    n_pairs: int
    n_texts: int
    mean_tokens: float
    """A pair, special tokens included."""
    seconds: float
    """Tokenising is part of it, loading and a warm-up are not."""
    pairs_per_second: float
    peak_bytes: int
    """Beyond what the loaded model and the texts take: resident, or allocated on the GPU."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """Pairs put together from a token store on one core, one order of each."""

    store: str
    """``in memory`` or ``memory-mapped``, the file in the system's cache."""
    batch_tokens: int
    """Tokens of a batch at most."""
    n_pairs: int
    n_texts: int
    gather_seconds: float
    """Median: lengths, cuts, and the padded batches."""
    gathered_per_second: float
    """Pairs."""
    engine_seconds: float
    """Median of the same runs: all that the engine does for a model that takes no time."""
    engine_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """How fast the engine is apart from the model."""

    tokenised_per_second: float
    """Texts, on the same core; each is tokenised once, in however many pairs it stands."""
    stores: tuple[Assembled, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFigures:
    """One stage of a comparison."""

    stage: str
    n_items: int
    items: str
    """What is counted."""
    seconds: float
    items_per_second: float
    share: float
    """Of the seconds of all stages."""
    peak_bytes: int
    """Resident while it ran, beyond what the loaded models take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A comparison of a folder, from its files to the written report."""

    n_articles: int
    n_claims: int
    n_pairs: int
    """Candidates, all of which get a label."""
    seconds: float
    """All stages together."""
    peak_bytes: int
    """Of the stage that took most."""
    largest_stage: str
    """The one that took longest."""
    stages: tuple[StageFigures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthResult:
    """All that one run found; its fields are those of the JSON file."""

    date: str
    machine: str
    model: str
    device: str
    dtype: str
    seed: int
    """Of the invented articles."""
    scored: tuple[Scored, ...]
    assembly: Assembly | None
    """None if it was not asked for."""
    compared: Compared | None
    """None if it was not asked for."""
    not_measured: dict[str, str]
    """What failed, and why."""
