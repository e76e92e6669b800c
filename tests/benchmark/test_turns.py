"""Who runs when, on which pairs, and what is made of the runs."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from claimnli.benchmark.contenders import REFERENCE, Scorer
from claimnli.benchmark.records import Workload
from claimnli.benchmark.turns import Terms, run_in_turns
from claimnli.records import FloatArray, IntArray

N_PAIRS = 12
Call = tuple[str, int, int]


def workload() -> Workload:
    index = np.arange(N_PAIRS, dtype=np.int32)
    return Workload(
        name="mix",
        texts=[f"text {i}" for i in index],
        index_a=index,
        index_b=index[::-1].copy(),
        lengths=np.full(N_PAIRS, 10),
    )


def scorer(calls: list[Call], key: str, *, n_wrong: int = 0) -> Scorer:
    """Certain of column 0; of column 1 for the first *n_wrong* pairs."""

    def score(
        texts: Sequence[str], index_a: IntArray, index_b: IntArray, batch_size: int
    ) -> FloatArray:
        calls.append((key, len(index_a), batch_size))
        logits = np.zeros((len(index_a), 3), dtype=np.float32)
        logits[:, 0] = 50
        logits[:n_wrong, 1] = 100
        return logits

    return score


def terms(**changes: object) -> Terms:
    given: dict[str, object] = {
        "device": torch.device("cpu"),
        "repeats": 3,
        "batch_sizes": (2, 4, 64),
        "n_sample": 5,
        "auto_dtype": "bfloat16",
        "ceilings": {"float32": 1e9, "bfloat16": 4e9},
    }
    return Terms(**given | changes)  # type: ignore[arg-type]


def test_runs_take_turns() -> None:
    calls: list[Call] = []
    scorers = {key: scorer(calls, key) for key in (REFERENCE, "ours", "naive")}
    found = run_in_turns(workload(), scorers, terms(), flops=None)
    timed = [key for key, _, _ in calls[-9:]]
    assert timed == [
        *(REFERENCE, "ours", "naive"),
        *("naive", "ours", REFERENCE),
        *(REFERENCE, "ours", "naive"),
    ]
    # A warm-up each, and the batch sizes that the pairs can fill.
    assert [call[2] for call in calls[:-9] if call[0] == REFERENCE] == [2, 2, 4]
    assert {call[1] for call in calls if call[0] == "naive"} == {5}
    reference, ours, naive = found.rows
    assert reference.batch_size in (2, 4)
    assert ours.batch_size is None
    assert (reference.n_pairs, ours.n_pairs, naive.n_pairs) == (12, 12, 5)
    assert reference.ratio == 1.0
    assert len(ours.seconds) == 3
    assert ours.slowest <= ours.pairs_per_second <= ours.fastest
    assert (found.n_texts, found.mean_tokens, found.mean_flops) == (12, 10.0, None)
    assert ours.share_of_ceiling is None


def test_differences_are_to_the_reference() -> None:
    calls: list[Call] = []
    scorers = {
        REFERENCE: scorer(calls, REFERENCE),
        "ours": scorer(calls, "ours", n_wrong=3),
        "naive": scorer(calls, "naive", n_wrong=1),
    }
    reference, ours, naive = run_in_turns(workload(), scorers, terms(), flops=None).rows
    assert (reference.share_same_label, reference.max_difference) == (1.0, 0.0)
    assert (ours.share_same_label, ours.max_difference) == (0.75, 1.0)
    assert naive.share_same_label == 0.8


def test_the_ceiling_is_that_of_the_dtype() -> None:
    calls: list[Call] = []
    scorers = {key: scorer(calls, key) for key in (REFERENCE, "ours", "naive")}
    # The sample has the pairs of 1 MFLOP.
    flops = np.array([1e6] * 5 + [3e6] * 7)
    found = run_in_turns(workload(), scorers, terms(), flops=flops)
    assert found.mean_flops == pytest.approx(26e6 / 12)
    for row, work, ceiling in zip(
        found.rows, (26e6 / 12, 26e6 / 12, 1e6), (1e9, 4e9, 1e9), strict=True
    ):
        assert row.share_of_ceiling == pytest.approx(row.pairs_per_second * work / ceiling)
