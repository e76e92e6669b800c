import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from claimnli.config import ConfigError
from claimnli.embedding import EMBEDDER_FOLDER, load_encoder_folder
from claimnli.errors import ClaimnliError
from claimnli.training.config import DataConfig
from claimnli.training.embedder import arrange_by_length, average, story_loss, train_embedder
from claimnli.training.embedder_config import EmbedderConfig
from claimnli.training.triplets import Triplet
from tests.tiny_models import RELATION_LABELS, build_model, build_tokenizer
from tests.training.conftest import write_pairs

MODEL_FILES = [
    "1_Pooling/config.json",
    "config.json",
    "model.safetensors",
    "modules.json",
    "sentence_bert_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
]


@pytest.fixture
def config(tmp_path: Path) -> EmbedderConfig:
    """Ten steps over 40 pairs with a tiny BERT in the form of the bundled embedder."""
    encoder = tmp_path / "encoder"
    build_tokenizer("bert").save_pretrained(encoder)
    build_model("bert", RELATION_LABELS).bert.save_pretrained(encoder)
    for name in ("modules.json", "sentence_bert_config.json"):
        shutil.copy(EMBEDDER_FOLDER / name, encoder)
    pooling = json.loads((EMBEDDER_FOLDER / "1_Pooling" / "config.json").read_text())
    (encoder / "1_Pooling").mkdir()
    (encoder / "1_Pooling" / "config.json").write_text(
        json.dumps({**pooling, "word_embedding_dimension": 16})
    )
    rows = [
        {"premise": f"the mayor resigned on day {i}", "hypothesis": text, "label": label}
        for i in range(20)
        for text, label in ((f"not on day {i}", "contradiction"), (f"{i} did", "agreement"))
    ]
    articles = [{"event": "e", "article": "a", "sentences": "the troops left on monday\nby me"}]
    return EmbedderConfig(
        encoder=str(encoder),
        output=str(tmp_path / "run"),
        articles=str(write_pairs(tmp_path / "articles.jsonl", articles)),
        data=(DataConfig(path=str(write_pairs(tmp_path / "train.jsonl", rows))),),
        dev=(DataConfig(path=str(write_pairs(tmp_path / "dev.jsonl", rows[:2]))),),
        learning_rate=1e-2,
        batch_size=4,
        max_negative_similarity=1.1,
        keep_share=0.5,
    )


def test_a_run_writes_the_mean_of_old_and_new_in_the_form_of_the_bundled_embedder(
    config: EmbedderConfig,
) -> None:
    folder = train_embedder(config)
    assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*.*")) == MODEL_FILES
    before = load_file(Path(config.encoder, "model.safetensors"))
    trained = load_file(Path(config.output, "trained.safetensors"))
    result = load_file(folder / "model.safetensors")
    assert {tensor.dtype for tensor in result.values()} == {torch.float16}
    query = "encoder.layer.0.attention.self.query.weight"
    assert not torch.allclose(trained[query], before[query], atol=1e-3)
    assert torch.allclose(result[query].float(), (before[query] + trained[query]) / 2, atol=1e-3)
    words = "embeddings.word_embeddings.weight"
    assert torch.equal(trained[words], before[words])
    vectors = load_encoder_folder(folder, "cpu").encode(["the mayor resigned"])
    assert np.linalg.norm(vectors) == pytest.approx(1.0, abs=1e-3)
    summary = json.loads(Path(config.output, "finished.json").read_text())
    losses = [entry["loss"] for entry in summary["history"] if "loss" in entry]
    assert summary["n_triplets"] == 40
    assert summary["n_steps"] == 10
    assert losses


def test_averaging_needs_trained_weights(config: EmbedderConfig) -> None:
    with pytest.raises(ClaimnliError, match="no trained weights"):
        average(config)


def test_an_encoder_that_is_nowhere_is_named_before_anything_is_trained(
    config: EmbedderConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, **_: object) -> str:
        raise OSError(f"no {name}")

    monkeypatch.setattr("claimnli.training.embedder.snapshot_download", refuse)
    with pytest.raises(ClaimnliError, match="no such/encoder"):
        train_embedder(replace(config, encoder="no such/encoder"))


def test_a_share_is_a_share() -> None:
    with pytest.raises(ConfigError, match="keep_share"):
        EmbedderConfig(encoder="e", output="o", articles="a", data=(), dev=(), keep_share=1.5)


def test_the_loss_falls_as_positives_meet_and_negatives_part() -> None:
    axes = torch.eye(4)
    story = torch.tensor([0, 1])
    near = story_loss(axes[:2], axes[:2], axes[2:], story, 20.0)
    far = story_loss(axes[:2], axes[2:], axes[:2], story, 20.0)
    assert near.item() == pytest.approx(0.0, abs=1e-3)
    assert far.item() > 10


def test_within_a_story_only_the_own_negative_counts() -> None:
    torch.manual_seed(0)
    anchor, positive, negative = torch.randn(3, 2, 8)
    one_story = story_loss(anchor, positive, negative, torch.tensor([5, 5]), 20.0)
    alone = [
        story_loss(anchor[[i]], positive[[i]], negative[[i]], torch.tensor([5]), 20.0)
        for i in range(2)
    ]
    assert one_story.item() == pytest.approx(torch.stack(alone).mean().item(), rel=1e-5)
    two_stories = story_loss(anchor, positive, negative, torch.tensor([5, 6]), 20.0)
    assert two_stories.item() > one_story.item()


def test_batches_hold_texts_of_similar_length() -> None:
    rng = np.random.default_rng(0)
    triplets = [
        Triplet(anchor="a" * int(n), positive="b", negative="c", story=i)
        for i, n in enumerate(rng.integers(1, 200, size=50))
    ]
    arranged = arrange_by_length(triplets, 8, np.random.default_rng(0))
    assert {t.story for t in arranged} == set(range(50))
    lengths = [len(t.anchor) for t in arranged]
    spread = [max(lengths[i : i + 8]) - min(lengths[i : i + 8]) for i in range(0, 50, 8)]
    assert max(spread) < 80
    assert arranged != triplets
