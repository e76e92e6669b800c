"""Reading a checkpoint with transformers: safetensors only, none of its code, no noise."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging as transformers_logging

from claimnli.errors import ClaimnliError
from claimnli.nli.first_token import use_first_token_alone
from claimnli.nli.mpnet import use_fused_attention

_ADAPTER_FILE = "adapter_model.safetensors"
_PADDED_POSITIONS = ("roberta", "xlm-roberta", "camembert", "mpnet", "longformer")
_ADAPTER_PREFIX = "base_model.model."


def load_config(place: str) -> PretrainedConfig:
    """The configuration of the checkpoint *place*, a folder or a name on the hub."""
    with _plain_errors(place):
        config: PretrainedConfig = AutoConfig.from_pretrained(place, trust_remote_code=False)
        return config


def load_tokenizer(place: str, base_folder: Path | None) -> PreTrainedTokenizerFast:
    """The tokenizer of *place*, or that of the base weights where an adapter brings none."""
    if base_folder is not None and not (Path(place) / "tokenizer.json").is_file():
        place = str(base_folder)
    with _plain_errors(place):
        tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
    return cast(PreTrainedTokenizerFast, tokenizer)


def load_module(
    place: str, base_folder: Path | None, config: PretrainedConfig, device: torch.device
) -> nn.Module:
    """The classifier in float32, an adapter merged into its base weights, ready to compute.

    Raises ClaimnliError if weights are missing, the classifier head above all.
    """
    with _plain_errors(place):
        model, report = AutoModelForSequenceClassification.from_pretrained(
            str(base_folder or place),
            config=config,
            dtype=torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
        missing = set(report["missing_keys"])
        if base_folder is not None:
            model, merged = _merge_adapter(model, Path(place))
            missing -= merged
    if missing:
        raise ClaimnliError(
            f"{place}: weights are missing, such as {min(missing)}",
            mend="Give a model that was trained to classify pairs, not a bare encoder.",
        )
    use_fused_attention(model)
    use_first_token_alone(model)
    ready: nn.Module = model.to(device).eval()
    return ready


def max_positions(config: PretrainedConfig, tokenizer: PreTrainedTokenizerFast) -> int:
    """The longest input, in tokens, that both the model and its tokenizer take."""
    limit = int(tokenizer.model_max_length)
    positions = getattr(config, "max_position_embeddings", None)
    if positions is None:
        return limit
    # RoBERTa and its kin count positions from the one after the padding.
    n_reserved = config.pad_token_id + 1 if config.model_type in _PADDED_POSITIONS else 0
    return min(limit, int(positions) - n_reserved)


def _merge_adapter(model: nn.Module, folder: Path) -> tuple[nn.Module, set[str]]:
    """*model* with the adapter in *folder* merged, and the names of the adapter's weights."""
    from peft import PeftModel
    from safetensors import safe_open

    path = folder / _ADAPTER_FILE
    if not path.is_file():
        raise ClaimnliError(
            f"{path}: this file of the adapter is missing",
            mend="Save the adapter as safetensors; other formats can run code when they are read.",
        )
    with safe_open(path, framework="pt") as weights:
        names = {name.removeprefix(_ADAPTER_PREFIX) for name in weights.keys()}  # noqa: SIM118
    adapted: Any = PeftModel.from_pretrained(model, str(folder))
    return adapted.merge_and_unload(), names


@contextmanager
def _plain_errors(place: str) -> Iterator[None]:
    """Keep the notes and bars of transformers from the user, and put its errors in plain words."""
    verbosity = transformers_logging.get_verbosity()
    has_bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        lines = str(error).strip().splitlines()
        raise ClaimnliError(
            f"{place}: cannot be read as a model ({lines[0] if lines else type(error).__name__})",
            mend="It needs config.json, tokenizer.json and model.safetensors (never pickle), and "
            "an architecture that transformers itself has.",
        ) from error
    finally:
        transformers_logging.set_verbosity(verbosity)
        if has_bars:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
