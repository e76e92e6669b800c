"""An exported model is the same model, in the hands of transformers."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from claimnli.config import NliConfig
from claimnli.errors import ClaimnliError
from claimnli.nli.export import export_checkpoint
from claimnli.nli.model import load_model

PAIR = ("The mayor resigned on Monday.", "The mayor did not resign.")


def test_an_exported_model_gives_the_same_logits(
    tiny_checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    source = tiny_checkpoints["mpnet"]
    export_checkpoint(str(source), tmp_path)
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path).eval()
    tokens = AutoTokenizer.from_pretrained(tmp_path)(*PAIR, return_tensors="pt")
    with torch.no_grad():
        expected = model(**tokens).logits.numpy()
    ours = load_model(NliConfig(model=str(source), dtype="float32", max_tokens=64))
    assert ours.logits(PAIR, [0], [1]) == pytest.approx(expected, abs=1e-5)


def test_a_model_without_label_names_is_not_exported(
    tiny_checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(tiny_checkpoints["bert"])
    model.config.id2label = {0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}
    model.save_pretrained(tmp_path / "nameless")
    with pytest.raises(ClaimnliError, match="LABEL_0"):
        export_checkpoint(str(tmp_path / "nameless"), tmp_path / "out")
