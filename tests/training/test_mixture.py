"""Data sets into one form."""

from pathlib import Path

import numpy as np
import pytest

from claimnli.errors import ClaimnliError
from claimnli.training.config import DataConfig
from claimnli.training.mixture import load_examples, load_mixture
from tests.training.conftest import write_pairs


def test_labels_of_all_vocabularies_become_targets(tmp_path: Path) -> None:
    labels = ["entailment", "unrelated", "CONTRADICTION", "not_entailment"]
    rows = [
        {"premise": f"p{i}", "hypothesis": "h", "label": label} for i, label in enumerate(labels)
    ]
    examples = load_examples(DataConfig(path=str(write_pairs(tmp_path / "a" / "x.jsonl", rows))))
    assert examples.targets.tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1]]
    assert examples.gold().tolist() == [0, 2, 1, -1]


def test_labels_are_mapped_and_rows_left_out(tmp_path: Path) -> None:
    rows = [
        {"premise": "p", "hypothesis": "h", "label": "supports"},
        {"premise": "q", "hypothesis": "h", "label": "other"},
    ]
    config = DataConfig(
        path=str(write_pairs(tmp_path / "a" / "x.jsonl", rows)),
        labels={"supports": "agreement", "other": ""},
    )
    assert load_examples(config).premises == ["p"]


def test_soft_targets_are_read(tmp_path: Path) -> None:
    row = {"premise": "p", "hypothesis": "h"}
    soft = {"p_agreement": 0.5, "p_contradiction": 0.25, "p_unrelated": 0.25}
    path = write_pairs(tmp_path / "a" / "x.jsonl", [{**row, **soft}])  # type: ignore[dict-item]
    assert load_examples(DataConfig(path=str(path))).targets.tolist() == [[0.5, 0.25, 0.25]]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"premise": "p", "hypothesis": "h", "label": "LABEL_0"}, "label_0"),
        ({"premise": "p", "label": "neutral"}, "no column hypothesis"),
        ({"premise": "p", "hypothesis": "h"}, "no column label"),
    ],
)
def test_unusable_data_is_refused_by_name(tmp_path: Path, row: dict[str, str], words: str) -> None:
    path = write_pairs(tmp_path / "a" / "x.jsonl", [row])
    with pytest.raises(ClaimnliError, match=words) as caught:
        load_examples(DataConfig(path=str(path)))
    assert "x.jsonl" in caught.value.message


def test_a_missing_file_says_where_data_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMNLI_DATA", "/nowhere")
    with pytest.raises(ClaimnliError, match=r"data/README\.md"):
        load_examples(DataConfig(path="nli/snli/train.parquet"))


def test_mixture_caps_repeats_and_turns(pairs_file: Path) -> None:
    path = str(pairs_file)
    assert len(load_mixture((DataConfig(path=path, max_rows=10),), seed=1)) == 10
    assert len(load_mixture((DataConfig(path=path, n_passes=2.5),), seed=1)) == 240
    turned = load_mixture((DataConfig(path=path, both_orders=True),), seed=1)
    assert sorted(turned.premises) == sorted(turned.hypotheses)


def test_mixture_depends_on_the_seed_alone(pairs_file: Path) -> None:
    data = (DataConfig(path=str(pairs_file), max_rows=20),)
    first, again, other = (load_mixture(data, seed) for seed in (1, 1, 2))
    assert first.premises == again.premises
    assert np.array_equal(first.targets, again.targets)
    assert first.premises != other.premises


def test_a_file_that_is_no_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"premise": "A.", \n')
    with pytest.raises(ClaimnliError, match=r"pairs\.jsonl: cannot be read"):
        load_examples(DataConfig(path=str(path)))
