"""Both orders of two texts, folded into one relation."""

import numpy as np
import pytest

from claimnli.errors import ClaimnliError
from claimnli.nli.folding import fold_directions, read_labels, softmax
from claimnli.records import RELATIONS, Relation

NLI = read_labels({0: "entailment", 1: "neutral", 2: "contradiction"}, place="x")


def folded(forward: list[float], backward: list[float]) -> dict[Relation, float]:
    """Fold probabilities of (entailment, neutral, contradiction)."""
    logits = np.log(np.array([[forward, backward]], dtype=np.float32))
    return dict(zip(RELATIONS, softmax(fold_directions(logits, NLI))[0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("names", "has_direction", "columns"),
    [
        (["contradiction", "entailment", "neutral"], True, (1, 0, 2)),
        (["ENTAILMENT", "NEUTRAL", "CONTRADICTION"], True, (0, 2, 1)),
        (["contradicts", "neutral", " Entail"], True, (2, 0, 1)),
        (["unrelated", "Agreement", "contradiction"], False, (1, 2, 0)),
    ],
)
def test_labels_are_found_by_name(
    names: list[str], has_direction: bool, columns: tuple[int, int, int]
) -> None:
    labels = read_labels(dict(enumerate(names)), place="x")
    assert labels.names == tuple(names)
    assert (labels.has_direction, labels.columns) == (has_direction, columns)


@pytest.mark.parametrize(
    "names",
    [
        ["LABEL_0", "LABEL_1", "LABEL_2"],
        ["entailment", "not_entailment"],
        ["entailment", "neutral", "contradiction", "other"],
        ["entailment", "entails", "contradiction"],
        ["entailment", "unrelated", "contradiction"],
        [],
    ],
)
def test_labels_that_do_not_tell_are_refused(names: list[str]) -> None:
    with pytest.raises(ClaimnliError, match=r"(?s)some/folder: .*id2label"):
        read_labels(dict(enumerate(names)), place="some/folder")


def test_entailment_in_one_direction_is_agreement() -> None:
    relation = folded([0.94, 0.05, 0.01], [0.05, 0.94, 0.01])
    assert relation[Relation.AGREEMENT] == pytest.approx(0.94, abs=1e-6)
    assert relation[Relation.CONTRADICTION] == pytest.approx(0.01, abs=1e-6)


def test_contradiction_in_one_direction_is_half_a_contradiction() -> None:
    relation = folded([0.02, 0.02, 0.96], [0.02, 0.96, 0.02])
    assert relation[Relation.CONTRADICTION] == pytest.approx(0.49, abs=1e-6)


def test_directions_that_oppose_each_other_still_sum_to_one() -> None:
    relation = folded([0.98, 0.01, 0.01], [0.01, 0.01, 0.98])
    assert sum(relation.values()) == pytest.approx(1.0)
    assert relation[Relation.UNRELATED] < 1e-6
    assert relation[Relation.AGREEMENT] > relation[Relation.CONTRADICTION]


def test_relation_logits_are_averaged() -> None:
    labels = read_labels({0: "unrelated", 1: "agreement", 2: "contradiction"}, place="x")
    logits = np.array([[[0.0, 1.0, 2.0], [4.0, 5.0, 0.0]]], dtype=np.float32)
    np.testing.assert_allclose(fold_directions(logits, labels), [[3.0, 1.0, 2.0]])


def test_a_pair_with_one_order_missing_is_missing() -> None:
    labels = read_labels({0: "unrelated", 1: "agreement", 2: "contradiction"}, place="x")
    logits = np.zeros((2, 2, 3), dtype=np.float32)
    logits[1, 1] = np.nan
    for order in (NLI, labels):
        assert np.isnan(fold_directions(logits, order)).any(axis=1).tolist() == [False, True]
