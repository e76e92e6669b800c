"""How much arithmetic a pair is, from the architecture alone."""

import numpy as np
import numpy.typing as npt
from transformers import PretrainedConfig

from claimnli.benchmark.records import LengthArray

FLOPS_FORMULA = (
    "n_layers * (2 * L * (4 * d**2 + 2 * d * f) + 4 * L**2 * d) + 2 * (d**2 + d * n_labels)"
)
"""FLOPs of a pair of L tokens: projections and feed-forward, attention, classifier; d is the hidden
size, f the intermediate size. Padding is not counted, and work that somebody saves, as the engine
does in the last layer, is not subtracted: everybody is held to the same number."""
# Encoders with four projections, one plain feed-forward and full attention in every layer.
_PLAIN_ENCODERS = frozenset(
    {"bert", "roberta", "xlm-roberta", "camembert", "electra", "mpnet", "distilbert"}
)


def flops_of_pairs(
    config: PretrainedConfig, lengths: LengthArray
) -> npt.NDArray[np.float64] | None:
    """FLOPs of each pair, (n_pairs,), by FLOPS_FORMULA; *lengths*: (n_pairs,) tokens.

    None for an architecture that the formula does not describe.
    """
    if config.model_type not in _PLAIN_ENCODERS:
        return None
    width: int = config.hidden_size
    # DistilBERT has its own name for it.
    inner: int = getattr(config, "intermediate_size", None) or config.hidden_dim
    n_labels: int = len(config.id2label or {})
    tokens = lengths.astype(np.float64)
    layer = 2 * tokens * (4 * width**2 + 2 * width * inner) + 4 * tokens**2 * width
    head = 2 * (width**2 + width * n_labels)
    flops: npt.NDArray[np.float64] = config.num_hidden_layers * layer + head
    return flops
