"""A small training set that a tiny model can learn, and the settings of a run over it."""

import json
from pathlib import Path

import pytest

from claimnli.training.config import DataConfig, LoraSettings, StageConfig, TrainConfig

LABELS = ("agreement", "contradiction", "unrelated")


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
