"""A small training set that a tiny model can learn, and the settings of a run over it."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from claimnli.records import FloatArray, IntArray
from claimnli.training.config import DataConfig, LoraSettings, StageConfig, TrainConfig

LABELS = ("agreement", "contradiction", "unrelated")


class FakeModel:
    """Sure of agreement in one direction, but for one premise; says unrelated of the pair as a
    whole, but for pairs with the word "not"."""

    def __init__(self, premise_denied: str = "") -> None:
        self._premise_denied = premise_denied

    def directional_probabilities(
        self, texts: Sequence[str], index_premise: IntArray, index_hypothesis: IntArray
    ) -> FloatArray:
        is_denied = [texts[i] == self._premise_denied for i in index_premise]
        return np.where(np.array(is_denied)[:, None], [0.1, 0.8, 0.1], [0.8, 0.1, 0.1])

    def relation_probabilities(
        self, texts: Sequence[str], index_a: IntArray, index_b: IntArray
    ) -> FloatArray:
        has_not = [" not " in texts[i] + texts[j] for i, j in zip(index_a, index_b, strict=True)]
        return np.where(np.array(has_not)[:, None], [0.1, 0.8, 0.1], [0.1, 0.2, 0.7])


def write_pairs(path: Path, rows: list[dict[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def pairs_file(tmp_path: Path) -> Path:
    """96 pairs, 32 of each label; the label can be read off the hypothesis."""
    verdicts = ("The mayor resigned.", "The mayor did not resign.", "A ship sank in the storm.")
    rows = [
        {"premise": f"The mayor resigned on day {i}.", "hypothesis": verdict, "label": label}
        for i in range(32)
        for verdict, label in zip(verdicts, LABELS, strict=True)
    ]
    return write_pairs(tmp_path / "toy" / "train.jsonl", rows)


@pytest.fixture
def run_config(tmp_path: Path, pairs_file: Path, tiny_checkpoints: dict[str, Path]) -> TrainConfig:
    """Two stages of 24 steps on a tiny MPNet, with adapters."""
    data = DataConfig(path=str(pairs_file), n_passes=3.0)
    stages = tuple(
        StageConfig(name=name, data=(data,), learning_rate=4e-3, batch_size=12, eval_steps=6)
        for name in ("first", "second")
    )
    return TrainConfig(
        name="toy",
        encoder=str(tiny_checkpoints["mpnet"]),
        output=str(tmp_path / "run"),
        stages=stages,
        dev=(DataConfig(path=str(pairs_file)),),
        lora=LoraSettings(rank=8, alpha=16),
        precision="float32",
        dropout=0.0,
    )
