"""Evaluation of sets with and without a direction, and of two-way ones."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from claimnli.errors import ClaimnliError
from claimnli.training.config import DataConfig
from claimnli.training.evaluation import evaluate, load_set, swap_consistency
from tests.training.conftest import FakeModel, write_pairs


def data(tmp_path: Path, *labels: str) -> DataConfig:
    rows = [{"premise": f"p{i}", "hypothesis": "h", "label": name} for i, name in enumerate(labels)]
    return DataConfig(path=str(write_pairs(tmp_path / "toy" / "dev.jsonl", rows)))


def test_labels_tell_whether_a_set_has_a_direction(tmp_path: Path) -> None:
    inference = data(tmp_path, "entailment", "neutral")
    assert load_set(inference).has_direction
    assert evaluate(FakeModel(), inference).confusion == [[1, 0, 0], [0, 0, 0], [1, 0, 0]]  # type: ignore[arg-type]
    relation = data(tmp_path, "agreement", "unrelated")
    assert not load_set(relation).has_direction
    assert evaluate(FakeModel(), relation).confusion == [[0, 0, 1], [0, 0, 0], [0, 0, 1]]  # type: ignore[arg-type]


def test_a_two_way_set_is_entailment_against_the_rest(tmp_path: Path) -> None:
    scores = evaluate(FakeModel(), data(tmp_path, "entailment", "not_entailment"))  # type: ignore[arg-type]
    assert scores.confusion == [[1, 0, 0], [0, 0, 0], [1, 0, 0]]


def test_two_way_labels_among_others_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ClaimnliError, match="not one of the three labels"):
        evaluate(FakeModel(), data(tmp_path, "contradiction", "not_entailment"))  # type: ignore[arg-type]


def test_rows_are_drawn_the_same_every_time(tmp_path: Path) -> None:
    some = replace(data(tmp_path, *["neutral"] * 50), max_rows=10)
    drawn = load_set(some, seed=1).examples.premises
    assert len(set(drawn)) == 10
    assert load_set(some, seed=1).examples.premises == drawn
    assert load_set(some, seed=2).examples.premises != drawn


def test_swap_consistency_reads_each_order_by_itself(tmp_path: Path) -> None:
    relation = load_set(data(tmp_path, "agreement", "unrelated", "agreement", "agreement"))
    assert swap_consistency(FakeModel(), relation) == 1.0  # type: ignore[arg-type]
    # It says contradiction of (p0, h), and of (h, p0) agreement.
    of_two_minds = FakeModel(premise_denied="p0")
    assert swap_consistency(of_two_minds, relation) == 0.75  # type: ignore[arg-type]


def test_entailment_may_hold_one_way_only(tmp_path: Path) -> None:
    inference = load_set(data(tmp_path, "entailment", "neutral"))
    assert swap_consistency(FakeModel(), inference) is None  # type: ignore[arg-type]


def test_a_set_without_labelled_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClaimnliError, match="no labelled rows"):
        load_set(data(tmp_path, ""))


def test_the_script_writes_tables_and_json(
    tmp_path: Path, tiny_checkpoints: dict[str, Path]
) -> None:
    pairs = "data/samples/relations.jsonl"
    suite = tmp_path / "suite.toml"
    suite.write_text(
        f'[[sets]]\nname = "toy"\npath = "{pairs}"\ntrain = "{pairs}"\nmax_rows = 30\n'
    )
    out = tmp_path / "new" / "scores.json"
    command = [sys.executable, "scripts/evaluate.py", str(tiny_checkpoints["bert"]), pairs]
    command += ["--max-tokens", "128", "--suite", str(suite), "--baselines", "--curve"]
    done = subprocess.run(
        [*command, "--json", str(out)], capture_output=True, text=True, check=True
    )
    for part in ("macro-F1", "hypothesis", "contradiction by threshold: toy", pairs):
        assert part in done.stdout
    figures = json.loads(out.read_text())
    assert len(figures["sha256"]) == 64
    assert figures["versions"].keys() >= {"claimnli", "torch"}
    assert figures["sets"][pairs]["n_pairs"] == 42
    assert figures["sets"]["toy"]["n_pairs"] == 30
    assert figures["sets"]["toy"]["baselines"].keys() == {"majority", "overlap", "hypothesis"}
    assert figures["sets"][pairs]["baselines"].keys() == {"majority", "overlap"}
    assert len(figures["sets"]["toy"]["curve"]) == 14
    assert 0 <= figures["sets"]["toy"]["swap_consistency"] <= 1
