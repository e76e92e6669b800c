import json
from pathlib import Path

import pytest

from claimnli.errors import ClaimnliError
from claimnli.training.checks import load_checks
from claimnli.training.clusters import read_clusters
from claimnli.training.config import DataConfig
from claimnli.training.mixture import load_examples

DATA = Path(__file__).parents[2] / "data"
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


def test_pairs_of_which_a_reader_was_unsure_are_left_out(tmp_path: Path) -> None:
    columns = read_clusters(write(tmp_path, EVENT | {"unsure": [["a1", "c1"]]}))
    assert ("The dam broke.", "Two died.") not in zip(
        columns["premise"], columns["hypothesis"], strict=True
    )
    assert len(columns["label"]) == 4


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
        {"unsure": [["a1", "b1"]]},
    ],
)
def test_a_wrong_line_is_named(change: dict[str, object], tmp_path: Path) -> None:
    path = write(tmp_path, EVENT, EVENT | change)
    with pytest.raises(ClaimnliError, match="line 2"):
        read_clusters(path)


def test_no_events(tmp_path: Path) -> None:
    assert read_clusters(write(tmp_path)) == {"premise": [], "hypothesis": [], "label": []}


@pytest.mark.parametrize(
    ("name", "n_pairs"), [("clusters", 13_452), ("long_clusters", 11_678), ("disputes", 19_965)]
)
def test_the_bundled_events(name: str, n_pairs: int) -> None:
    """As data/README.md says; and no event that trains stands in a dev set or in the checks."""
    texts = {}
    n_read = 0
    for split in ("train", "dev"):
        columns = read_clusters(DATA / name / f"{split}.jsonl")
        n_read += len(columns["label"])
        texts[split] = {*columns["premise"], *columns["hypothesis"]}
    assert n_read == n_pairs
    assert not texts["train"] & texts["dev"]
    checks = [check.examples for check in load_checks(DATA / "checks")]
    assert sum(map(len, checks)) == 456
    assert not texts["train"] & {text for c in checks for text in (*c.premises, *c.hypotheses)}


def test_the_example_is_that_of_the_seeds_and_trains_nothing() -> None:
    columns = read_clusters(DATA / "example" / "test.jsonl")
    assert len(columns["label"]) == 2_233
    texts = {*columns["premise"], *columns["hypothesis"]}
    articles = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((DATA.parent / "seeds").glob("*.txt"))
    )
    assert [text for text in texts if text not in articles] == []
    for name in ("clusters", "long_clusters", "disputes"):
        train = read_clusters(DATA / name / "train.jsonl")
        assert not texts & {*train["premise"], *train["hypothesis"]}
