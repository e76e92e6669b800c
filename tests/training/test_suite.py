"""What a suite's file says, and the figures of a set."""

from dataclasses import replace
from pathlib import Path

import pytest

from claimnli.config import ConfigError, read_toml
from claimnli.training.evaluation import LabelledSet, load_set
from claimnli.training.suite import Suite, SuiteSet, load_train, measure
from tests.training.conftest import FakeModel, write_pairs

ROOT = Path(__file__).parents[2]


def labelled(tmp_path: Path, *labels: str) -> LabelledSet:
    rows = [{"premise": f"p{i}", "hypothesis": "h", "label": name} for i, name in enumerate(labels)]
    path = write_pairs(tmp_path / "dev.jsonl", rows)
    return load_set(SuiteSet(name="toy", path=str(path)), name="toy")


def test_the_suite_of_the_repository_can_be_read() -> None:
    suite = read_toml(ROOT / "configs" / "suite.toml", Suite)
    assert suite.checks
    assert {"event_pairs", "written_pairs", "snli"} <= {entry.name for entry in suite.sets}
    assert all(0 <= entry.max_rows <= 2500 for entry in suite.sets)


def test_names_on_the_command_line_become_sets() -> None:
    suite = Suite(sets=(SuiteSet(name="a", path="a.jsonl"),))
    _, file, hub = suite.with_data(["x/dev.parquet", "nyu-mll/glue:mnli:test"]).sets
    assert (file.name, file.path) == ("x/dev.parquet", "x/dev.parquet")
    assert (hub.path, hub.subset, hub.split) == ("nyu-mll/glue", "mnli", "test")


def test_two_sets_of_one_name_are_refused() -> None:
    one = SuiteSet(name="toy", path="a.jsonl")
    with pytest.raises(ConfigError, match="two sets are called toy"):
        Suite(sets=(one, replace(one, path="b.jsonl")))


@pytest.mark.parametrize("setting", [{"both_orders": True}, {"n_passes": 2.0}])
def test_settings_of_training_are_refused(setting: dict[str, bool | float]) -> None:
    with pytest.raises(ConfigError, match="toy: both_orders and n_passes are for training"):
        SuiteSet(name="toy", path="a.jsonl", **setting)  # type: ignore[arg-type]


def test_baselines_are_fitted_on_the_train_file_with_the_labels_of_the_set(tmp_path: Path) -> None:
    rows = [{"premise": "p", "hypothesis": "h", "label": "for"}] * 3
    entry = SuiteSet(
        name="toy",
        path="nowhere.jsonl",
        max_rows=1,
        train=str(write_pairs(tmp_path / "train.jsonl", rows)),
        labels={"for": "agreement"},
    )
    train = load_train(entry, seed=13)
    assert train is not None
    assert train.gold.tolist() == [0, 0, 0]
    assert load_train(replace(entry, train=""), seed=13) is None


def test_all_figures_of_a_set_stand_side_by_side(tmp_path: Path) -> None:
    pairs = labelled(tmp_path, "agreement", "contradiction", "unrelated")
    figures = measure(FakeModel(), pairs, with_curve=True).to_dict()  # type: ignore[arg-type]
    assert figures["n_pairs"] == 3
    assert figures["accuracy"] == pytest.approx(1 / 3)
    assert figures["swap_consistency"] == 1.0
    assert len(figures["curve"]) == 14


def test_a_two_way_set_says_nothing_of_contradictions(tmp_path: Path) -> None:
    pairs = labelled(tmp_path, "agreement", "not_entailment")
    figures = measure(FakeModel(), pairs, with_curve=True).to_dict()  # type: ignore[arg-type]
    assert figures["is_two_way"]
    assert figures["false_contradiction_rate"] is None
    assert not figures["curve"]


def test_sets_whose_files_are_not_here_are_named_and_left_out(tmp_path: Path) -> None:
    rows = [{"premise": "p", "hypothesis": "h", "label": "agreement"}]
    here = SuiteSet(name="here", path=str(write_pairs(tmp_path / "x.jsonl", rows)))
    gone = SuiteSet(name="gone", path="nowhere.parquet")
    hub = SuiteSet(name="hub", path="nyu-mll/glue", subset="rte")
    suite, missing = Suite(sets=(here, gone, hub)).without_missing()
    assert suite.sets == (here, hub)
    assert missing == ("gone",)
