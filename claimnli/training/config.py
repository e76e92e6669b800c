"""Settings of a training run, read from TOML by claimnli.config.read_toml."""

from dataclasses import dataclass, field
from typing import Literal

from claimnli.config import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class DataConfig:
    """One data set of a mixture."""

    path: str
    """A .parquet or .jsonl file (relative to $CLAIMNLI_DATA, else to the working folder) or the
    name of a data set on the Hugging Face hub."""
    form: Literal["pairs", "clusters", "contrast_sets"] = "pairs"
    """``clusters`` and ``contrast_sets``: a .jsonl file as in data/clusters and data/contrast_sets,
    whose pairs are taken."""
    subset: str = ""
    """Configuration of a hub data set (``mnli`` of ``nyu-mll/glue``); empty for none."""
    split: str = "train"
    """Split of a hub data set; a file is one split."""
    premise: str = "premise"
    hypothesis: str = "hypothesis"
    label: str = "label"
    """Columns. A soft target may stand in p_agreement, p_contradiction and p_unrelated instead."""
    labels: dict[str, str] = field(default_factory=dict)
    """From the set's own labels to ours, where they differ: {"supports" = "agreement"}. A label
    mapped to "" leaves its rows out."""
    max_rows: int = 0
    """At most so many rows, drawn with the run's seed; 0 takes all."""
    n_passes: float = 1.0
    """How often the (capped) rows are seen; 0.5 is a half of them."""
    both_orders: bool = False
    """Also give each pair turned round: for labels that have no direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistillConfig:
    """Learning from a teacher's probabilities (Hinton et al. 2015, arXiv:1503.02531)."""

    teacher: str
    """Model name or folder."""
    share: float = 0.7
    """Weight of the teacher's distribution in the target; the rest is the label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageConfig:
    """One stage: a mixture and a learning-rate schedule (linear warm-up, then cosine to zero)."""

    name: str
    data: tuple[DataConfig, ...]
    learning_rate: float
    batch_size: int = 32
    """Pairs of a step on one device."""
    warmup_fraction: float = 0.06
    weight_decay: float = 0.01
    label_smoothing: float = 0.0
    keep_share: float = 0.0
    """Share of what the stage began with in each trained tensor of its result: averaging keeps what
    was learned before (Wortsman et al. 2022, arXiv:2109.01903). With adapters these are the two
    factors, so that their product is near the mean of the products, and not equal to it."""
    eval_steps: int = 200
    """Steps between checkpoints, and between evaluations if *keep_best*."""
    keep_best: bool = True
    """The result is the checkpoint with the best dev macro-F1; if false, the last, and nothing is
    evaluated: for a stage whose labels are not those of the dev sets."""
    distill: DistillConfig | None = None
    """A teacher for this stage; None learns from the labels alone."""
    patience: int = 0
    """Stop after so many evaluations without a better dev macro-F1; 0 never stops early."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.keep_share < 1.0:
            raise ConfigError(f"stage {self.name}: keep_share is from 0 to below 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraSettings:
    """Low-rank adapters on all linear layers (Hu et al. 2021, arXiv:2106.09685)."""

    rank: int = 32
    alpha: int = 64
    dropout: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AverageConfig:
    """Another model of the same encoder whose weights the result is averaged with (Wortsman et al.
    2022, arXiv:2203.05482): runs on different data forget different things."""

    model: str
    """Model name or folder."""
    share: float
    """Its share in each weight of the result."""

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise ConfigError("average.share is between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """A whole run."""

    name: str
    """Names the run in its model card."""
    encoder: str
    """Folder or hub name of any transformers encoder to start from."""
    encoder_name: str = ""
    """What the model card calls it, if *encoder* is a folder; empty for *encoder* itself."""
    output: str
    """Folder for checkpoints and the result."""
    stages: tuple[StageConfig, ...]
    dev: tuple[DataConfig, ...]
    """Evaluated while training; the macro-F1 over all of them together chooses the checkpoint, and
    the calibration is fitted on them."""
    max_false_contradictions: float = 0.025
    """The operating point is the lowest threshold at which, of the pairs that are no contradiction,
    at most this share is called one; of those sets of *dev* in which contradictions are rare."""
    average: AverageConfig | None = None
    """Before the calibration is fitted; None averages with nothing."""
    lora: LoraSettings | None = None
    """None trains the whole encoder."""
    freeze_embeddings: bool = True
    """Without LoRA: keep the word and position embeddings as they are."""
    dropout: float = 0.1
    """Of hidden states; attention dropout is off, since it keeps attention from being fused."""
    max_tokens: int = 128
    """Tokens of a pair; the longer text is cut first, and how many were cut is in the log."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """``auto``: bfloat16 where the processor computes in it."""
    compile: bool = False
    """torch.compile: 1.4 times as fast on a CPU after 2 minutes, for runs that last."""
    seed: int = 13

    def __post_init__(self) -> None:
        hasty = [stage.name for stage in self.stages if stage.patience and not stage.keep_best]
        if hasty:
            raise ConfigError(f"stage {hasty[0]}: patience needs keep_best, which evaluates")
        names = [stage.name for stage in self.stages]
        if not names or len(set(names)) != len(names):
            raise ConfigError("a run needs stages, each with a name of its own")
        if not self.dev:
            raise ConfigError("a run needs at least one dev set to choose its checkpoint by")
