"""Checks by shape: files, figures, and what a model of one habit makes of them."""

from pathlib import Path

import numpy as np
import pytest

from claimnli.errors import ClaimnliError
from claimnli.training.checks import load_checks, run_checks, shape_score
from tests.training.conftest import FakeModel, write_pairs


def write_shape(folder: Path, shape: str, *rows: tuple[str, str]) -> None:
    records = [{"premise": "It is so.", "hypothesis": text, "label": name} for text, name in rows]
    write_pairs(folder / f"{shape}.jsonl", records)


def test_figures_of_a_shape_by_hand() -> None:
    shape = shape_score(np.array([[3, 1, 0], [1, 4, 0], [0, 1, 5]]))
    assert shape.n_pairs == 15
    assert shape.accuracy == pytest.approx(12 / 15)
    assert shape.n_false_contradictions == 2
    assert shape.false_contradiction_rate == pytest.approx(2 / 10)
    assert shape.contradiction_precision == pytest.approx(4 / 6)
    assert shape.contradiction_recall == pytest.approx(4 / 5)


def test_every_shape_counts_the_same_in_the_mean(tmp_path: Path) -> None:
    # FakeModel takes every "not" for a contradiction, and all else for unrelated.
    write_shape(tmp_path, "denial", ("It is not so.", "contradiction"))
    write_shape(
        tmp_path,
        "rhetorical",
        ("It is not only so.", "agreement"),
        ("Is it so?", "unrelated"),
        ("So it goes.", "unrelated"),
        ("So they say.", "unrelated"),
    )
    checks = run_checks(FakeModel(), load_checks(tmp_path))  # type: ignore[arg-type]
    assert list(checks.shapes) == ["denial", "rhetorical"]
    assert checks.mean_accuracy == pytest.approx((1 + 3 / 4) / 2)
    assert checks.shapes["denial"].false_contradiction_rate is None
    assert checks.shapes["rhetorical"].false_contradiction_rate == 1 / 4
    assert checks.shapes["rhetorical"].contradiction_precision is None
    assert checks.shapes["rhetorical"].contradiction_recall is None
    assert checks.total.n_pairs == 5
    assert checks.total.contradiction_precision == 1 / 2


def test_a_folder_without_checks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClaimnliError, match="there are no checks"):
        load_checks(tmp_path)


def test_the_checks_of_the_repository_can_be_run() -> None:
    checks = load_checks()
    assert len(checks) >= 9
    assert not any(shape.has_direction or shape.is_two_way for shape in checks)
    assert all(len(shape.gold) >= 15 for shape in checks)
    assert run_checks(FakeModel(), checks).total.n_pairs == sum(len(c.gold) for c in checks)  # type: ignore[arg-type]
