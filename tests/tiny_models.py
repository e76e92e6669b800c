"""Models and tokenizers of a few thousand weights, built in code: nothing is downloaded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

KINDS = ("bert", "roberta", "mpnet")
RELATION_LABELS = ("unrelated", "agreement", "contradiction")
NLI_LABELS = ("contradiction", "entailment", "neutral")

_CHARACTERS = [*"abcdefghijklmnopqrstuvwxyz0123456789.,;!?'-"]
_WORDS = ["the", "mayor", "resigned", "on", "monday", "troops", "no", "not", "##ed"]
_PIECES = [*_CHARACTERS, *(f"##{c}" for c in _CHARACTERS), *_WORDS]


def build_tokenizer(kind: str) -> Any:
    """A fast tokenizer like that of *kind*: WordPiece, byte-level BPE, or WordPiece with <s>."""
    from tokenizers import pre_tokenizers
    from transformers import BertTokenizer, MPNetTokenizer, RobertaTokenizer

    if kind == "bert":
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_PIECES]
        return BertTokenizer(vocab=_numbered(pieces), model_max_length=128)
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    if kind == "mpnet":
        pieces = [*special, *_PIECES, "[UNK]", "<mask>"]
        return MPNetTokenizer(vocab=_numbered(pieces), model_max_length=128)
    pieces = [*special, *sorted(pre_tokenizers.ByteLevel.alphabet()), "Ġt", "he", "<mask>"]
    merges = [("Ġ", "t"), ("h", "e")]
    return RobertaTokenizer(vocab=_numbered(pieces), merges=merges, model_max_length=128)  # type: ignore[arg-type]


def build_model(kind: str, labels: Sequence[str], *, seed: int = 0) -> Any:
    """A classifier of two layers with random weights and a head that spreads its answers."""
    import torch
    from transformers import (
        AutoModelForSequenceClassification,
        BertConfig,
        MPNetConfig,
        RobertaConfig,
    )

    tokenizer = build_tokenizer(kind)
    configs: dict[str, Any] = {"bert": BertConfig, "roberta": RobertaConfig, "mpnet": MPNetConfig}
    config = configs[kind](
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        # RoBERTa and MPNet count positions from the one after the padding.
        max_position_embeddings=128 if kind == "bert" else 130,
        pad_token_id=tokenizer.pad_token_id,
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
    )
    torch.manual_seed(seed)
    model = AutoModelForSequenceClassification.from_config(config).eval()  # type: ignore[no-untyped-call]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.3)
    return model


def save_checkpoint(folder: Path, kind: str, labels: Sequence[str] = RELATION_LABELS) -> Path:
    """Write model and tokenizer as the checkpoint *folder*."""
    build_model(kind, labels).save_pretrained(folder)
    build_tokenizer(kind).save_pretrained(folder)
    return folder


def _numbered(pieces: Sequence[str]) -> dict[str, int]:
    return {piece: i for i, piece in enumerate(pieces)}
