"""Evaluation of sets with and without a direction, and of two-way ones."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from claimnli.errors import ClaimnliError
from claimnli.records import FloatArray
from claimnli.training.config import DataConfig
from claimnli.training.evaluation import evaluate, is_directional
from tests.training.conftest import write_pairs


class FakeModel:
    """Sure of agreement in one direction; says unrelated of the pair as a whole."""

    def directional_probabilities(self, texts, index_premise, index_hypothesis) -> FloatArray:  # type: ignore[no-untyped-def]
        return np.tile(np.array([0.8, 0.1, 0.1], dtype=np.float32), (len(index_premise), 1))

    def relation_probabilities(self, texts, index_a, index_b) -> FloatArray:  # type: ignore[no-untyped-def]
        return np.tile(np.array([0.1, 0.2, 0.7], dtype=np.float32), (len(index_a), 1))


def data(tmp_path: Path, *labels: str) -> DataConfig:
    rows = [{"premise": f"p{i}", "hypothesis": "h", "label": name} for i, name in enumerate(labels)]
    return DataConfig(path=str(write_pairs(tmp_path / "toy" / "dev.jsonl", rows)))


def test_labels_tell_whether_a_set_has_a_direction(tmp_path: Path) -> None:
    inference = data(tmp_path, "entailment", "neutral")
    assert is_directional(inference)
    assert evaluate(FakeModel(), inference).confusion == [[1, 0, 0], [0, 0, 0], [1, 0, 0]]  # type: ignore[arg-type]
    relation = data(tmp_path, "agreement", "unrelated")
    assert not is_directional(relation)
    assert evaluate(FakeModel(), relation).confusion == [[0, 0, 1], [0, 0, 0], [0, 0, 1]]  # type: ignore[arg-type]


def test_a_two_way_set_is_entailment_against_the_rest(tmp_path: Path) -> None:
    scores = evaluate(FakeModel(), data(tmp_path, "entailment", "not_entailment"))  # type: ignore[arg-type]
    assert scores.confusion == [[1, 0, 0], [0, 0, 0], [1, 0, 0]]


def test_two_way_labels_among_others_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ClaimnliError, match="mixes two-way labels"):
        evaluate(FakeModel(), data(tmp_path, "contradiction", "not_entailment"))  # type: ignore[arg-type]


def test_the_script_writes_a_table_and_json(
    tmp_path: Path, tiny_checkpoints: dict[str, Path]
) -> None:
    out = tmp_path / "scores.json"
    pairs = "data/samples/relations.jsonl"
    command = [sys.executable, "scripts/evaluate.py", str(tiny_checkpoints["bert"]), pairs]
    command += ["--max-tokens", "128"]
    done = subprocess.run(
        [*command, "--json", str(out)], capture_output=True, text=True, check=True
    )
    assert "macro-F1" in done.stdout
    assert json.loads(out.read_text())["sets"][pairs]["n_pairs"] == 42
