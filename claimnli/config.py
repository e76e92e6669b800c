"""Settings: one frozen dataclass a stage, read from TOML. The field names are the CLI's flags.

A file may leave out what it does not change; a key that no field bears is refused by name.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from claimnli.errors import ClaimnliError

T = TypeVar("T")
Dtype = Literal["auto", "float32", "bfloat16", "float16", "int8"]


class ConfigError(ClaimnliError):
    """A setting that does not exist, has the wrong type, or contradicts another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlesConfig:
    """Reading of articles."""

    text_column: str = "text"
    """Column or key of the article's text in .json, .jsonl, .csv and .parquet."""
    title_column: str = "title"
    """The same for the title."""
    source_column: str = "source"
    """The same for who published it."""
    url_column: str = "url"
    """The same for the address."""
    published_column: str = "published"
    """The same for the date."""
    max_file_bytes: int = 200_000_000
    """A larger file is reported as a failure and left out; 0 means no limit."""
    max_page_elements: int = 50_000
    """An HTML page of more elements is reported as a failure and left out, since finding its text
    takes time that grows with their square (120,000 took 83 s); 0 means no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsConfig:
    """Choice of sentences."""

    language: str = "en"
    """Language of the sentence splitter (ISO 639-1)."""
    min_words: int = 4
    """A shorter sentence is dropped as ``too_short``."""
    max_words: int = 150
    """A longer sentence is dropped as ``too_long``, and so is one of more than 20 characters for
    each of these words: they are lists, tables, data or text without full stops, and the model
    reads 256 tokens of a pair."""
    reprint_overlap: float = 0.8
    """An article is a reprint of an earlier one if at least this share of its claims stands there
    word for word; above 1 switches it off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingConfig:
    """Choice of candidate pairs by cosine similarity."""

    k: int = 20
    """Neighbours looked for per claim, in other articles."""
    min_similarity: float = 0.35
    """Cosine below which a pair is not a candidate."""
    block_rows: int = 2048
    """Rows of one block of the similarity matrix: time against memory, no effect on results."""

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ConfigError(f"pairing.k must be at least 1, not {self.k}")
        if not -1.0 <= self.min_similarity <= 1.0:
            raise ConfigError(
                f"pairing.min_similarity is a cosine, from -1 to 1, not {self.min_similarity}"
            )
        if self.block_rows < 1:
            raise ConfigError(f"pairing.block_rows must be at least 1, not {self.block_rows}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NliConfig:
    """The model and its engine."""

    model: str = "auto"
    """``auto`` (base if its weights are there, else mini), ``base``, ``mini``, a folder, or a name
    on the Hugging Face hub."""
    device: str = "auto"
    """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps`` ..."""
    dtype: Dtype = "auto"
    """``auto``: bfloat16 where the processor computes in it, else float32. ``int8``: somewhat
    faster than bfloat16 for many pairs, on processors with 8-bit products (amx_int8, avx512_vnni)
    and bfloat16; needs ``claimnli[int8]``."""
    close_call: float = 0.0125
    """Pairs whose two most probable relations are nearer than this are scored again in float32, so
    that their labels are those of float32; 0 never does. int8 first scores again in bfloat16 those
    nearer than five times this, and nearly all of its labels are those of float32."""
    one_order_from: float = 0.8
    """If one order of a pair's texts alone gives unrelated at least this probability, the other
    order is not read; 1 reads both of every pair. Without effect on entailment models, and on those
    without a calibration."""
    compile: bool = False
    """torch.compile, for GPUs and runs that last: the first batches wait for it. Where it fails,
    the log says why, and the model runs without. A CPU's bfloat16 products have no use for it."""
    max_tokens: int = 256
    """Tokens of a pair, special tokens included, or as many as the model can read where that is
    less; the longer text of the two is cut first. Cut pairs are counted."""
    max_batch_tokens: int = 0
    """Tokens of a batch; 0 lets the device decide."""
    n_threads: int = 0
    """Threads on a CPU; 0 keeps the default of torch."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.one_order_from <= 1.0:
            raise ConfigError(
                f"nli.one_order_from is a probability, from 0 to 1, not {self.one_order_from}"
            )
        if not self.close_call >= 0.0:
            raise ConfigError(f"nli.close_call must not be negative, as {self.close_call} is")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareConfig:
    """From labelled pairs to facts and disputes."""

    min_agreement_probability: float = 0.5
    """An agreement below it links nothing (the pair stays in the tables)."""
    min_contradiction_probability: float = 0.0
    """A contradiction below it is not shown as a dispute (the pair stays in the tables). 0 takes
    the model's own operating point."""
    min_mean_agreement: float = 0.5
    """Two groups of claims become one fact if the mean over the pairs between them is at least
    this, where an agreement counts +probability, a contradiction -probability, any other pair 0."""
    min_inner_contradiction_probability: float = 0.9
    """A contradiction that the rest of the two facts speaks against (a claim of the pair agrees
    with the other's fact, or both are in one fact) makes a dispute only from here on."""

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            if not 0.0 <= value <= 1.0:
                raise ConfigError(f"compare.{setting.name} is from 0 to 1, not {value}")

    def at(self, operating_point: float) -> "CompareConfig":
        """These settings with a model's *operating_point* in place of a threshold of 0."""
        if self.min_contradiction_probability:
            return self
        return replace(self, min_contradiction_probability=operating_point)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings of a comparison."""

    articles: ArticlesConfig = field(default_factory=ArticlesConfig)
    claims: ClaimsConfig = field(default_factory=ClaimsConfig)
    pairing: PairingConfig = field(default_factory=PairingConfig)
    nli: NliConfig = field(default_factory=NliConfig)
    compare: CompareConfig = field(default_factory=CompareConfig)


def load_config(path: Path) -> Config:
    """Read a comparison's settings from the TOML file *path*.

    Raises ConfigError, which names the file and the key, for anything unknown or of a wrong type.
    """
    return read_toml(path, Config)


def read_toml(path: Path, cls: type[T]) -> T:
    """Read the dataclass *cls* from the TOML file *path*; the same errors as load_config."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    try:
        return from_table(cls, table)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def from_table(cls: type[T], table: Mapping[str, Any], prefix: str = "") -> T:
    """Build the dataclass *cls* from nested tables, as tomllib returns them."""
    hints = get_type_hints(cls)
    names = [f.name for f in fields(cls)]  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in names:
            raise ConfigError(f"unknown setting '{prefix}{key}'; known here: {', '.join(names)}")
        values[key] = _convert(hints[key], value, f"{prefix}{key}")
    try:
        return cls(**values)
    except TypeError as error:
        raise ConfigError(f"[{prefix.rstrip('.') or 'top level'}] {error}") from error


def _convert(kind: Any, value: Any, name: str) -> Any:
    if is_dataclass(kind):
        if not isinstance(value, Mapping):
            raise ConfigError(f"'{name}' is a section, not a value")
        return from_table(kind, value, f"{name}.")  # type: ignore[arg-type]
    origin, args = get_origin(kind), get_args(kind)
    if NoneType in args:
        return _convert(next(arg for arg in args if arg is not NoneType), value, name)
    if origin is Literal:
        if value not in args:
            raise ConfigError(f"'{name}' is one of {', '.join(map(repr, args))}, not {value!r}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise ConfigError(f"'{name}' is a list, not {value!r}")
        return tuple(_convert(args[0], v, f"{name}[{i}]") for i, v in enumerate(value))
    if origin is dict:
        if not isinstance(value, Mapping):
            raise ConfigError(f"'{name}' is a section, not a value")
        return {k: _convert(args[1], v, f"{name}.{k}") for k, v in value.items()}
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ConfigError(f"'{name}' is a {kind.__name__}, not {value!r}")
    return value
