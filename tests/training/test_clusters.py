import json
from pathlib import Path

import pytest

from claimnli.errors import ClaimnliError
from claimnli.training.clusters import read_clusters
from claimnli.training.config import DataConfig
from claimnli.training.mixture import load_examples

EVENT = {
    "event": "Dam at Orlo",
    "sentences": {"a1": "The dam broke.", "a2": "Nine died.", "b1": "It broke.", "c1": "Two died."},
    "agreement": [["b1", "a1"]],
    "contradiction": [["a2", "c1"]],
}


def write(folder: Path, *events: object) -> Path:
    path = folder / "train.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    return path


def test_every_pair_across_outlets_has_a_label(tmp_path: Path) -> None:
    columns = read_clusters(write(tmp_path, EVENT))
    assert set(zip(columns["premise"], columns["hypothesis"], columns["label"], strict=True)) == {
        ("The dam broke.", "It broke.", "agreement"),
        ("Nine died.", "Two died.", "contradiction"),
        ("The dam broke.", "Two died.", "unrelated"),
        ("Nine died.", "It broke.", "unrelated"),
        ("It broke.", "Two died.", "unrelated"),
    }


def test_clusters_are_a_data_set_like_any_other(tmp_path: Path) -> None:
    path = write(tmp_path, EVENT, EVENT)
    examples = load_examples(DataConfig(path=str(path), form="clusters"))
    assert len(examples) == 10
    assert sorted(examples.gold().tolist()) == [0, 0, 1, 1, 2, 2, 2, 2, 2, 2]


@pytest.mark.parametrize(
    "change",
    [
        {"agreement": [["a1", "a2"]]},
        {"agreement": [["a1", "d1"]]},
        {"agreement": [["a2", "c1"]]},
        {"sentences": None},
    ],
)
def test_a_wrong_line_is_named(change: dict[str, object], tmp_path: Path) -> None:
    path = write(tmp_path, EVENT, EVENT | change)
    with pytest.raises(ClaimnliError, match="line 2"):
        read_clusters(path)


def test_no_events(tmp_path: Path) -> None:
    assert read_clusters(write(tmp_path)) == {"premise": [], "hypothesis": [], "label": []}
