"""The network that a run trains: an encoder with a fresh head, whole or with adapters."""

from pathlib import Path

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedModel

from claimnli.nli.device import resolve_device
from claimnli.nli.weights import BASE_REPOSITORY, find_base_weights
from claimnli.records import RELATIONS
from claimnli.training.config import TrainConfig


def build_model(config: TrainConfig) -> PreTrainedModel:
    """The encoder with a fresh head over RELATIONS, and adapters if the settings ask for them."""
    names = {i: str(relation) for i, relation in enumerate(RELATIONS)}
    settings = AutoConfig.from_pretrained(
        encoder_place(config),
        num_labels=len(names),
        id2label=names,
        label2id={name: i for i, name in names.items()},
    )
    for key in ("hidden_dropout_prob", "hidden_dropout", "dropout"):
        if hasattr(settings, key):
            setattr(settings, key, config.dropout)
    for key in ("attention_probs_dropout_prob", "attention_dropout"):
        if hasattr(settings, key):
            setattr(settings, key, 0.0)
    # Frozen weights can stand in bfloat16; what is trained stays in float32 and is cast on the way.
    frozen = torch.bfloat16 if config.lora and use_bf16(config) else torch.float32
    model = AutoModelForSequenceClassification.from_pretrained(
        encoder_place(config), config=settings, dtype=frozen, use_safetensors=True
    )
    if config.lora is not None:
        return _with_adapters(model, config)
    if config.freeze_embeddings:
        model.get_input_embeddings().requires_grad_(False)
    return model  # type: ignore[no-any-return]


def _with_adapters(model: PreTrainedModel, config: TrainConfig) -> PreTrainedModel:
    from peft import LoraConfig, TaskType, get_peft_model

    assert config.lora is not None
    head = next(name for name in ("classifier", "score", "head") if hasattr(model, name))
    linear = {
        name.rsplit(".", 1)[-1]
        for name, module in model.base_model.named_modules()
        if isinstance(module, nn.Linear) and "pooler" not in name
    }
    adapted = get_peft_model(
        model,
        LoraConfig(
            task_type=TaskType.SEQ_CLS,
            r=config.lora.rank,
            lora_alpha=config.lora.alpha,
            lora_dropout=config.lora.dropout,
            target_modules=sorted(linear),
            exclude_modules=rf"{head}.*",
            modules_to_save=[head],
        ),
    )
    for parameter in adapted.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return adapted  # type: ignore[return-value]


def load_weights(model: PreTrainedModel, folder: Path) -> None:
    """Load what a stage has saved in *folder* into *model*, adapters or all."""
    from safetensors.torch import load_file

    if (folder / "adapter_config.json").exists():
        from peft import set_peft_model_state_dict

        set_peft_model_state_dict(model, load_file(folder / "adapter_model.safetensors"))
    else:
        model.load_state_dict(load_file(folder / "model.safetensors"))


def encoder_place(config: TrainConfig) -> str:
    """The encoder's folder or hub name; base's weights where ``claimnli fetch`` put them."""
    if config.encoder == BASE_REPOSITORY and (folder := find_base_weights()) is not None:
        return str(folder)
    return config.encoder


def use_bf16(config: TrainConfig) -> bool:
    """Whether the run computes in bfloat16 here."""
    return resolve_device(dtype=config.precision).dtype is torch.bfloat16
