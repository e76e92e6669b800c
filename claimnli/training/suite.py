"""A suite: the sets that a model is measured on, and all of its figures on each."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimnli.config import ConfigError
from claimnli.training.baselines import BaselineScore, score_baselines
from claimnli.training.config import DataConfig
from claimnli.training.evaluation import LabelledSet, load_set, predict, swap_consistency
from claimnli.training.metrics import CurvePoint, Scores, contradiction_curve, score
from claimnli.training.mixture import data_path

if TYPE_CHECKING:
    from claimnli.nli.model import NliModel

_MAX_TRAIN_ROWS = 20_000
"""Rows that baselines are fitted on, drawn; more change no figure that they are read for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteSet(DataConfig):
    """One set of a suite. *max_rows* are drawn with the suite's seed."""

    name: str
    """Short, for the table."""
    train: str = ""
    """A file with the same columns and labels that baselines are fitted on; empty for none."""

    def __post_init__(self) -> None:
        if self.both_orders or self.n_passes != 1.0:
            raise ConfigError(f"{self.name}: both_orders and n_passes are for training")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What ``configs/suite.toml`` holds."""

    sets: tuple[SuiteSet, ...]
    checks: bool = False
    """Also run the checks (claimnli.training.checks)."""
    seed: int = 13

    def __post_init__(self) -> None:
        names = [entry.name for entry in self.sets]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ConfigError(f"two sets are called {', '.join(sorted(twice))}")

    def with_data(self, names: Sequence[str]) -> "Suite":
        """The suite with more sets, each a file or a hub data set as NAME or NAME:SUBSET:SPLIT."""
        return replace(self, sets=(*self.sets, *map(_named_set, names)))

    def without_missing(self) -> tuple["Suite", tuple[str, ...]]:
        """The suite with the sets whose files are here, and the names of the others."""
        missing = [
            entry
            for entry in self.sets
            if Path(entry.path).suffix and not data_path(entry).is_file()
        ]
        kept = tuple(entry for entry in self.sets if entry not in missing)
        return replace(self, sets=kept), tuple(entry.name for entry in missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of a model on one set."""

    scores: Scores
    is_two_way: bool
    """Then nothing is known of contradictions, and the figures on them mean nothing."""
    swap_consistency: float | None
    """See claimnli.training.evaluation.swap_consistency."""
    baselines: Mapping[str, BaselineScore] = field(default_factory=dict)
    curve: tuple[CurvePoint, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The scores with the rest beside them, None for what means nothing."""
        figures = {**self.scores.to_dict(), **asdict(self)}
        del figures["scores"]
        if self.is_two_way:
            figures["false_contradiction_rate"] = None
        return figures


def _named_set(name: str) -> SuiteSet:
    # By the name as given: two files of one folder are two sets.
    if Path(name).suffix in (".parquet", ".jsonl"):
        return SuiteSet(name=name, path=name)
    path, subset, split = [*name.split(":"), "", ""][:3]
    return SuiteSet(name=name, path=path, subset=subset, split=split or "validation")


def load_suite(suite: Suite) -> list[LabelledSet]:
    """All sets of *suite*. Raises ClaimnliError for the first that cannot be read."""
    return [load_set(entry, name=entry.name, seed=suite.seed) for entry in suite.sets]


def load_train(entry: SuiteSet, seed: int) -> LabelledSet | None:
    """The rows that baselines of *entry* are fitted on, None if it names none."""
    if not entry.train:
        return None
    return load_set(replace(entry, path=entry.train, max_rows=_MAX_TRAIN_ROWS), seed=seed)


def suite_baselines(suite: Suite, sets: list[LabelledSet]) -> dict[str, dict[str, BaselineScore]]:
    """The baselines of each of *sets*, which are those of *suite*, by name."""
    return {
        entry.name: score_baselines(labelled, load_train(entry, suite.seed))
        for entry, labelled in zip(suite.sets, sets, strict=True)
    }


def measure(
    model: "NliModel",
    labelled: LabelledSet,
    *,
    baselines: Mapping[str, BaselineScore] | None = None,
    with_curve: bool = False,
) -> Figures:
    """All figures of *model* on one set; *baselines* are put beside them."""
    probabilities = predict(model, labelled)
    has_curve = with_curve and not labelled.is_two_way
    return Figures(
        scores=score(probabilities, labelled.gold),
        is_two_way=labelled.is_two_way,
        swap_consistency=swap_consistency(model, labelled),
        baselines=baselines or {},
        curve=tuple(contradiction_curve(probabilities, labelled.gold)) if has_curve else (),
    )
