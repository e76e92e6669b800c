"""Fine-tuning of the claim embedder with sentence-transformers.

Off the shelf, an embedder puts paraphrases together, and two claims that contradict each other are
often no paraphrases. Here both meet, and other sentences on the same event part from them.
"""

import json
import logging
import shutil
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from huggingface_hub import snapshot_download
from safetensors.torch import load_file, save_file
from sentence_transformers import (
    DefaultBatchSampler,
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from torch import Tensor, nn
from transformers import PreTrainedModel, set_seed

from claimnli.embedding import load_encoder_folder
from claimnli.errors import ClaimnliError
from claimnli.training.embedder_config import EmbedderConfig
from claimnli.training.events import load_events
from claimnli.training.mixture import load_examples, load_mixture
from claimnli.training.triplets import Triplet, make_triplets

_FILES = (
    "config.json",
    "modules.json",
    "sentence_bert_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "1_Pooling/config.json",
)
"""Files of the model beside its weights, which training does not change."""
_TRAINED = "trained.safetensors"
_MEGABATCH = 16
"""Batches within which triplets are sorted by length, so that padding is rare."""

log = logging.getLogger(__name__)


def train_embedder(config: EmbedderConfig) -> Path:
    """Train, and return the folder of the averaged model, ``<output>/model``.

    Embeddings of words stay frozen: most words of the news are in no training pair.
    """
    set_seed(config.seed)
    output = Path(config.output)
    output.mkdir(parents=True, exist_ok=True)
    original = _original(config)
    triplets = _load_triplets(config)
    model = SentenceTransformer(
        str(original),
        device="cuda" if torch.cuda.is_available() else "cpu",
        local_files_only=True,
        # A short run needs no dropout, and attention without it is fused.
        config_kwargs={"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
        model_kwargs={"dtype": torch.float32},
    )
    model.max_seq_length = config.max_tokens
    transformer = model[0].auto_model
    assert isinstance(transformer, PreTrainedModel)
    transformer.get_input_embeddings().requires_grad_(False)
    _log_cuts(model, triplets, config.max_tokens)

    rows = Dataset.from_dict(
        {
            "anchor": [triplet.anchor for triplet in triplets],
            "positive": [triplet.positive for triplet in triplets],
            "negative": [triplet.negative for triplet in triplets],
            "label": [triplet.story for triplet in triplets],
        }
    )
    trainer = SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            output_dir=str(output / "checkpoints"),
            per_device_train_batch_size=config.batch_size,
            num_train_epochs=1,
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            warmup_steps=config.warmup_fraction,
            lr_scheduler_type="cosine",
            batch_sampler=_in_order,
            use_cpu=not torch.cuda.is_available(),
            save_strategy="no",
            logging_steps=10,
            seed=config.seed,
            report_to="none",
        ),
        train_dataset=rows,
        loss=StoryLoss(model, config.scale),
    )
    started = time.time()
    trainer.train()
    save_file(
        {name: tensor.cpu().contiguous() for name, tensor in transformer.state_dict().items()},
        output / _TRAINED,
    )
    summary = {
        "settings": asdict(config),
        "n_triplets": len(triplets),
        "n_steps": trainer.state.global_step,
        "seconds": round(time.time() - started),
        "history": trainer.state.log_history,
    }
    (output / "finished.json").write_text(json.dumps(summary, indent=1) + "\n")
    return average(config)


def average(config: EmbedderConfig) -> Path:
    """Write ``<output>/model`` from the trained weights and the original's, and return it.

    It has the files of the original, weights in float16. Raises ClaimnliError if nothing was
    trained in *config.output*, or something else.
    """
    output = Path(config.output)
    if not (output / _TRAINED).is_file():
        raise ClaimnliError(
            f"{output / _TRAINED}: there are no trained weights",
            mend="Train first: leave out --average-only.",
        )
    original = _original(config)
    before, after = load_file(original / "model.safetensors"), load_file(output / _TRAINED)
    if not after.keys() <= before.keys():
        raise ClaimnliError(
            f"{output / _TRAINED}: not the weights of {original}",
            mend="Train again, or name the encoder that was trained.",
        )
    weights = {
        name: torch.lerp(tensor.float(), before[name].float(), config.keep_share).half()
        for name, tensor in after.items()
    }
    folder = output / "model"
    shutil.rmtree(folder, ignore_errors=True)
    for name in _FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(original / name, folder / name)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    # safetensors lets nobody else read it, and the package carries this file.
    (folder / "model.safetensors").chmod(0o644)
    return folder


def _original(config: EmbedderConfig) -> Path:
    """The encoder's folder. Raises ClaimnliError if it is none and the hub has none of the name."""
    if Path(config.encoder).is_dir():
        return Path(config.encoder)
    try:
        files = [*_FILES, "model.safetensors"]
        return Path(snapshot_download(config.encoder, allow_patterns=files))
    except (OSError, ValueError) as error:
        raise ClaimnliError(
            f"{config.encoder}: no such folder, and the hub did not give it ({error})",
            mend="Name the folder of a sentence-transformers model in the configuration.",
        ) from error


class StoryLoss(nn.Module):
    """``story_loss`` of a model, as SentenceTransformerTrainer calls it."""

    def __init__(self, model: SentenceTransformer, scale: float) -> None:
        super().__init__()
        self.model = model
        self.scale = scale

    def forward(self, sentence_features: list[dict[str, Tensor]], labels: Tensor) -> Tensor:
        anchor, positive, negative = (
            self.model(features)["sentence_embedding"] for features in sentence_features
        )
        return story_loss(anchor, positive, negative, labels, self.scale)


def story_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, story: Tensor, scale: float
) -> Tensor:
    """MultipleNegativesRankingLoss in both directions, but within a story nothing is guessed.

    *anchor*, *positive*, *negative* (n, dim); *story* (n,). Each anchor must find its positive, and
    each positive its anchor, among those of the batch and all negatives. Texts of other rows of the
    same story are left out: many of them agree, and no label says which.
    """
    anchor, positive, negative = (
        nn.functional.normalize(vectors, dim=1) for vectors in (anchor, positive, negative)
    )
    own = torch.arange(len(story), device=story.device)
    unknown = (story[:, None] == story[None, :]).fill_diagonal_(False)
    losses = []
    for query, target in ((anchor, positive), (positive, anchor)):
        cosines = torch.cat([query @ target.T, query @ negative.T], dim=1)
        logits = (cosines * scale).masked_fill(unknown.repeat(1, 2), -torch.inf)
        losses.append(nn.functional.cross_entropy(logits, own))
    return torch.stack(losses).mean()


def arrange_by_length(
    triplets: list[Triplet], batch_size: int, rng: np.random.Generator
) -> list[Triplet]:
    """Shuffle *triplets* so that consecutive ones, batch by batch, have texts of similar length."""
    lengths = np.array([max(len(t.anchor), len(t.positive), len(t.negative)) for t in triplets])
    order = rng.permutation(len(triplets))
    step = _MEGABATCH * batch_size
    batches = []
    for start in range(0, len(order), step):
        chunk = order[start : start + step]
        chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
        batches += [chunk[i : i + batch_size] for i in range(0, len(chunk), batch_size)]
    # The last batch may be a short one, and must stay the last for the others to keep their places.
    shuffled = [batches[i] for i in rng.permutation(len(batches) - 1)] + batches[-1:]
    return [triplets[i] for i in np.concatenate(shuffled)]


def _load_triplets(config: EmbedderConfig) -> list[Triplet]:
    dev = [load_examples(data) for data in config.dev]
    triplets = make_triplets(
        load_mixture(config.data, config.seed),
        load_events(config.articles),
        load_encoder_folder(Path(config.encoder)),
        max_similarity=config.max_negative_similarity,
        seed=config.seed,
        held_out=[text for part in dev for text in part.premises + part.hypotheses],
    )
    if not triplets:
        raise ClaimnliError(
            "the data hold no agreement and no contradiction",
            mend="Look at 'labels' of the data in the configuration.",
        )
    return arrange_by_length(triplets, config.batch_size, np.random.default_rng(config.seed))


def _log_cuts(model: SentenceTransformer, triplets: list[Triplet], max_tokens: int) -> None:
    texts = {text for t in triplets for text in (t.anchor, t.positive, t.negative)}
    lengths = [len(ids) for ids in model.tokenizer(sorted(texts))["input_ids"]]
    log.info(
        "%d texts, mean %.1f tokens, %d longer than %d",
        len(lengths), np.mean(lengths), sum(n > max_tokens for n in lengths), max_tokens,
    )  # fmt: skip


def _in_order(
    dataset: Dataset, batch_size: int, drop_last: bool, **rest: object
) -> DefaultBatchSampler:
    """Batches as the triplets were arranged."""
    return DefaultBatchSampler(
        torch.utils.data.SequentialSampler(dataset), batch_size=batch_size, drop_last=drop_last
    )
