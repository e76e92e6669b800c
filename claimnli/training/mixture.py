"""Labelled pairs from many data sets, in one form.

Every target is a row of three weights in the order of ``RELATIONS``:

- a label is one-hot;
- a teacher's distribution is itself, and sums to 1;
- a two-way label such as ``not_entailment`` is the set of what it allows, (0, 1, 1), and sums to 2:
  the loss asks for the probability of the set and leaves open which of the two it is.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from claimnli.errors import ClaimnliError
from claimnli.records import RELATIONS, FloatArray
from claimnli.training.clusters import read_clusters
from claimnli.training.config import DataConfig
from claimnli.training.contrast_sets import read_contrast_sets

TARGETS: dict[str, tuple[float, float, float]] = {
    "agreement": (1.0, 0.0, 0.0),
    "entailment": (1.0, 0.0, 0.0),
    "contradiction": (0.0, 1.0, 0.0),
    "unrelated": (0.0, 0.0, 1.0),
    "neutral": (0.0, 0.0, 1.0),
    "not_entailment": (0.0, 1.0, 1.0),
    "not_contradiction": (1.0, 0.0, 1.0),
    "unlabelled": (1.0, 1.0, 1.0),
}
SET_TOTAL = 1.5
"""A target that sums to more is a set."""
SOFT_COLUMNS = tuple(f"p_{relation}" for relation in RELATIONS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examples:
    """Pairs of texts with their targets."""

    premises: list[str]
    hypotheses: list[str]
    targets: FloatArray
    """(n, 3), see the module's docstring."""

    def __len__(self) -> int:
        return len(self.premises)

    def take(self, rows: np.ndarray) -> "Examples":
        return Examples(
            premises=[self.premises[i] for i in rows],
            hypotheses=[self.hypotheses[i] for i in rows],
            targets=self.targets[rows],
        )

    def turned(self) -> "Examples":
        """The same pairs in the other order."""
        return Examples(premises=self.hypotheses, hypotheses=self.premises, targets=self.targets)

    def gold(self) -> np.ndarray:
        """(n,) index into RELATIONS; -1 where the target is a set or a distribution."""
        hard = (self.targets.max(axis=1) == 1.0) & (self.targets.sum(axis=1) == 1.0)
        return np.where(hard, self.targets.argmax(axis=1), -1)


def join(parts: list[Examples]) -> Examples:
    """All examples of *parts*, one part after the other."""
    return Examples(
        premises=[text for part in parts for text in part.premises],
        hypotheses=[text for part in parts for text in part.hypotheses],
        targets=np.concatenate([part.targets for part in parts]),
    )


def load_mixture(data: tuple[DataConfig, ...], seed: int) -> Examples:
    """The examples of a stage: every set capped, repeated and turned as its settings say, and the
    whole shuffled with *seed*."""
    rng = np.random.default_rng(seed)
    mixture = join([_sample(config, rng) for config in data])
    return mixture.take(rng.permutation(len(mixture)))


def _sample(config: DataConfig, rng: np.random.Generator) -> Examples:
    examples = load_examples(config)
    if config.max_rows and len(examples) > config.max_rows:
        examples = examples.take(rng.choice(len(examples), config.max_rows, replace=False))
    if config.both_orders:
        examples = join([examples, examples.turned()])
    n_whole, rest = divmod(round(config.n_passes * len(examples)), max(1, len(examples)))
    order = [np.arange(len(examples))] * n_whole + [rng.permutation(len(examples))[:rest]]
    return examples.take(np.concatenate(order))


def load_examples(config: DataConfig) -> Examples:
    """All rows of one data set, in its order.

    Raises ClaimnliError, naming the set, for a missing file or column and for a label that neither
    ``TARGETS`` nor ``config.labels`` knows.
    """
    return examples_of(read_columns(config), config)


def examples_of(table: Mapping[str, list[Any]], config: DataConfig) -> Examples:
    """The rows of the columns *table*, which are those of *config*; see ``load_examples``."""
    missing = {config.premise, config.hypothesis} - table.keys()
    if missing:
        raise ClaimnliError(
            f"{config.path}: no column {', '.join(sorted(missing))}",
            mend=f"Name the columns in the configuration; there are: {', '.join(table)}.",
        )
    premises, hypotheses = table[config.premise], table[config.hypothesis]
    if set(SOFT_COLUMNS) <= table.keys():
        targets = np.stack([table[name] for name in SOFT_COLUMNS], axis=1).astype(np.float32)
        return Examples(premises=list(premises), hypotheses=list(hypotheses), targets=targets)
    if config.label not in table:
        raise ClaimnliError(
            f"{config.path}: no column {config.label}",
            mend=f"Name the label column in the configuration; there are: {', '.join(table)}.",
        )
    names = [config.labels.get(str(label), str(label).lower()) for label in table[config.label]]
    unknown = sorted(set(names) - TARGETS.keys() - {""})
    if unknown:
        raise ClaimnliError(
            f"{config.path}: unknown labels {', '.join(unknown)}",
            mend=f"Map them with 'labels' in the configuration to: {', '.join(TARGETS)}.",
        )
    kept = [i for i, name in enumerate(names) if name]
    return Examples(
        premises=[premises[i] for i in kept],
        hypotheses=[hypotheses[i] for i in kept],
        targets=np.array([TARGETS[names[i]] for i in kept], dtype=np.float32).reshape(-1, 3),
    )


def read_columns(config: DataConfig) -> Mapping[str, list[Any]]:
    """All columns of a data set, labels by name."""
    from datasets import ClassLabel, Dataset, load_dataset
    from datasets.exceptions import DatasetsError

    suffix = Path(config.path).suffix
    if suffix in (".parquet", ".jsonl"):
        path = data_path(config)
        if not path.is_file():
            raise ClaimnliError(
                f"{path}: there are no such data",
                mend="data/README.md says how to get each set; CLAIMNLI_DATA names their folder.",
            )
        if config.form == "clusters":
            return read_clusters(path)
        if config.form == "contrast_sets":
            return read_contrast_sets(path)
        kind = "parquet" if suffix == ".parquet" else "json"
        arguments: dict[str, Any] = {"path": kind, "data_files": str(path), "split": "train"}
    else:
        arguments = {"path": config.path, "name": config.subset or None, "split": config.split}
    try:
        rows = load_dataset(**arguments)
    except (OSError, ValueError, DatasetsError) as error:
        lines = str(error).strip().splitlines()
        raise ClaimnliError(
            f"{config.path}: cannot be read ({lines[0] if lines else type(error).__name__})",
            mend="Give a .parquet or .jsonl file, or the name of a set on the Hugging Face hub.",
        ) from error
    assert isinstance(rows, Dataset)
    label = rows.features.get(config.label)
    table = {name: list(rows[name]) for name in rows.column_names}
    if isinstance(label, ClassLabel):
        # Hub sets keep labels as numbers and mark rows without a gold label with -1.
        table[config.label] = [label.int2str(i) if i >= 0 else "" for i in table[config.label]]
    return table


def load_dev(data: tuple[DataConfig, ...]) -> dict[str, Examples]:
    """The dev sets of a run by name. Raises ClaimnliError if two share a name, or if a row has no
    single label to be right or wrong about."""
    sets: dict[str, Examples] = {}
    for config in data:
        name = data_name(config)
        if name in sets:
            raise ClaimnliError(f"two dev sets are called {name}", mend="Put them into one file.")
        sets[name] = load_examples(config)
        if (sets[name].gold() < 0).any():
            raise ClaimnliError(
                f"{config.path}: a dev set needs one label a row",
                mend="Leave such rows out with 'labels' in the configuration, mapped to \"\".",
            )
    return sets


def data_path(config: DataConfig) -> Path:
    """The file of a set: under $CLAIMNLI_DATA if it is there, else from the working folder."""
    path = Path(os.environ.get("CLAIMNLI_DATA", "."), config.path)
    return path if path.is_file() else Path(config.path)


def data_name(config: DataConfig) -> str:
    """``written_pairs`` for ``.../written_pairs/dev.parquet``; a hub set's own name."""
    path = Path(config.path)
    return path.parent.name if path.suffix else config.path
