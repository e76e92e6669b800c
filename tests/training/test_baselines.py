"""Baselines on pairs whose label can be read off the words."""

from pathlib import Path

from claimnli.training.baselines import BaselineScore, score_baselines
from claimnli.training.config import DataConfig
from claimnli.training.evaluation import LabelledSet, load_set
from tests.training.conftest import write_pairs

PERFECT = BaselineScore(accuracy=1.0, macro_f1=1.0)


def labelled(tmp_path: Path, *rows: tuple[str, str, str]) -> LabelledSet:
    names = ("premise", "hypothesis", "label")
    records = [dict(zip(names, row, strict=True)) for row in rows]
    return load_set(DataConfig(path=str(write_pairs(tmp_path / "pairs.jsonl", records))))


def test_majority_is_the_most_frequent_label(tmp_path: Path) -> None:
    rows = [("a", "b", label) for label in ("unrelated", "unrelated", "unrelated", "agreement")]
    majority = score_baselines(labelled(tmp_path, *rows), None)["majority"]
    assert majority.accuracy == 0.75
    assert majority.macro_f1 == (2 * 3 / 7 + 0) / 2


def test_overlap_without_train_divides_at_a_half(tmp_path: Path) -> None:
    pairs = labelled(
        tmp_path,
        ("Four men walk, and talk.", "four Men sit", "agreement"),
        ("Four men walk.", "A ship sank near men.", "unrelated"),
    )
    scores = score_baselines(pairs, None)
    assert scores["overlap"] == PERFECT
    assert "hypothesis" not in scores


def test_overlap_learns_its_threshold_and_labels(tmp_path: Path) -> None:
    # Upside down: much overlap contradicts, little agrees; the border is at three quarters.
    pairs = labelled(
        tmp_path,
        ("a b c d", "a b c d", "contradiction"),
        ("a b c d", "a b c e", "contradiction"),
        ("a b c d", "a b e f", "agreement"),
        ("a b c d", "a e f g", "agreement"),
    )
    assert score_baselines(pairs, pairs)["overlap"] == PERFECT
    assert score_baselines(pairs, None)["overlap"].accuracy < 0.5


def test_hypothesis_only_finds_the_word_that_gives_the_label_away(tmp_path: Path) -> None:
    train = labelled(
        tmp_path,
        *[(f"p{i}", f"nobody was at place {i}", "contradiction") for i in range(5)],
        *[(f"p{i}", f"a person was at place {i}", "entailment") for i in range(5)],
    )
    dev = labelled(
        tmp_path,
        ("a person sleeps", "nobody sleeps", "contradiction"),
        ("nobody sleeps", "a person sleeps", "entailment"),
    )
    assert score_baselines(dev, train)["hypothesis"] == PERFECT


def test_hypothesis_only_never_gives_a_label_that_train_lacks(tmp_path: Path) -> None:
    train = labelled(tmp_path, ("p", "one thing", "entailment"), ("p", "two", "contradiction"))
    dev = labelled(tmp_path, ("p", "never seen", "neutral"), ("p", "one", "entailment"))
    assert score_baselines(dev, train)["hypothesis"].accuracy == 0.5
