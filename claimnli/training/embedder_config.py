"""Settings of a training run of the claim embedder, read from TOML."""

from dataclasses import dataclass

from claimnli.config import ConfigError
from claimnli.training.config import DataConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderConfig:
    """A run, and what it is measured on."""

    encoder: str
    """Folder or hub name of a mean-pooling sentence-transformers model."""
    output: str
    """Folder for the trained weights and ``model``."""
    articles: str
    """Table of articles by event: negatives come from it, and recall is measured in it."""
    data: tuple[DataConfig, ...]
    """Pairs to learn from: agreements and contradictions must meet, unrelated pairs must part."""
    dev: tuple[DataConfig, ...]
    """Pairs that recall is measured on; none of their sentences is drawn as a negative."""
    guard: tuple[DataConfig, ...] = ()
    """Pairs on which the embedder must stay what it was: how well agreement (entailment) is told
    from unrelated (neutral) by the cosine alone."""
    learning_rate: float = 3e-5
    batch_size: int = 32
    warmup_fraction: float = 0.1
    weight_decay: float = 0.01
    scale: float = 20.0
    """Cosines are multiplied by it before the softmax; that of all-MiniLM-L6-v2's own training."""
    max_negative_similarity: float = 0.5
    """Cosine from which an unlabelled sentence is not drawn as a negative: it may well agree."""
    max_tokens: int = 96
    """Tokens of a text in training; what is longer is cut, and how many is in the log."""
    keep_share: float = 0.3
    """Share of the original weights in the result: averaging both keeps what the original can do
    (Wortsman et al. 2022, arXiv:2109.01903). 0 is the trained model, 1 the original."""
    seed: int = 13

    def __post_init__(self) -> None:
        if not 0.0 <= self.keep_share <= 1.0:
            raise ConfigError(f"keep_share is from 0 to 1, not {self.keep_share}")
