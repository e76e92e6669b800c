import json
from collections import Counter
from pathlib import Path

import pytest

from claimnli.errors import ClaimnliError
from claimnli.training.checks import load_checks
from claimnli.training.clusters import read_clusters
from claimnli.training.config import DataConfig
from claimnli.training.contrast_sets import read_contrast_sets
from claimnli.training.mixture import load_examples

DATA = Path(__file__).parents[2] / "data" / "contrast_sets"
SET = {
    "kind": "number",
    "domain": "disasters",
    "agree": ["Nine died.", "The dead are nine."],
    "contradict": ["Two died."],
    "unrelated": ["Two were hurt."],
}


def write(folder: Path, *sets: object) -> Path:
    path = folder / "train.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in sets))
    return path


def test_every_pair_that_the_lists_decide(tmp_path: Path) -> None:
    columns = read_contrast_sets(write(tmp_path, SET))
    assert set(zip(columns["premise"], columns["hypothesis"], columns["label"], strict=True)) == {
        ("Nine died.", "The dead are nine.", "agreement"),
        ("Nine died.", "Two died.", "contradiction"),
        ("The dead are nine.", "Two died.", "contradiction"),
        ("Nine died.", "Two were hurt.", "unrelated"),
        ("The dead are nine.", "Two were hurt.", "unrelated"),
        ("Two died.", "Two were hurt.", "unrelated"),
    }
    assert set(columns["kind"]) == {"number"}


def test_contrast_sets_are_a_data_set_like_any_other(tmp_path: Path) -> None:
    path = write(tmp_path, SET, SET)
    examples = load_examples(DataConfig(path=str(path), form="contrast_sets"))
    assert sorted(examples.gold().tolist()) == [0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]


@pytest.mark.parametrize(
    "change",
    [
        {"agree": "Nine died."},
        {"contradict": ["Nine died."]},
        {"unrelated": [""]},
        {"unrelated": None},
    ],
)
def test_a_wrong_line_is_named(change: dict[str, object], tmp_path: Path) -> None:
    path = write(tmp_path, SET, SET | change)
    with pytest.raises(ClaimnliError, match="line 2"):
        read_contrast_sets(path)


def test_no_sets(tmp_path: Path) -> None:
    assert read_contrast_sets(write(tmp_path))["label"] == []


@pytest.mark.parametrize("file", ["train.jsonl", "train_forms.jsonl", "dev.jsonl"])
def test_the_bundled_sets_hold_all_three_relations(file: str) -> None:
    columns = read_contrast_sets(DATA / file)
    n = Counter(columns["label"])
    assert min(n.values()) > 0.15 * sum(n.values())


def test_the_bundled_sets_are_as_their_readme_says() -> None:
    """And none of their sentences stands in two sets, in the checks or in the example."""
    n_pairs = 0
    texts: list[str] = []
    for split in ("train", "train_forms", "dev"):
        path = DATA / f"{split}.jsonl"
        n_pairs += len(read_contrast_sets(path)["label"])
        for line in path.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            texts += [*one["agree"], *one["contradict"], *one["unrelated"]]
    assert n_pairs == 37_571
    assert len(texts) == len(set(texts))
    checks = [check.examples for check in load_checks(DATA.parent / "checks")]
    example = read_clusters(DATA.parent / "example" / "test.jsonl")
    tests = {*example["premise"], *example["hypothesis"]}
    tests |= {text for check in checks for text in (*check.premises, *check.hypotheses)}
    assert not tests & set(texts)
