"""Results do not depend on order, batch size or neighbours; failures lose nothing that was done."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from claimnli.errors import ClaimnliError
from claimnli.nli.device import ComputeDevice
from claimnli.nli.engine import ScoringInterrupted, TokenBudget, plan_batches, score
from claimnli.nli.tokens import PairTokens, read_template, tokenise
from tests.nli.ranks import Ranks
from tests.tiny_models import build_tokenizer

CPU = ComputeDevice(device=torch.device("cpu"), dtype=torch.float32, reason="test")
TEXTS = ["no", "no troops", "the mayor resigned", "the mayor resigned on monday", "a " * 30]


class TokenSums(nn.Module):
    """Stands for a model: the logits of a pair are the sum and the number of its token ids."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[int, ...]] = []

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
    ) -> Any:
        self.shapes.append(tuple(input_ids.shape))
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        sums = torch.stack([(input_ids * mask).sum(1), mask.sum(1)], dim=1)
        return SimpleNamespace(logits=sums.float())


def all_pairs(texts: list[str] = TEXTS) -> PairTokens:
    tokenizer = build_tokenizer("bert")
    index_a, index_b = (i.ravel() for i in np.indices((len(texts), len(texts))))
    store = tokenise(texts, tokenizer)
    return PairTokens(store, read_template(tokenizer), index_a, index_b, max_tokens=64)


def expected_logits(pairs: PairTokens) -> np.ndarray[Any, Any]:
    rows = [pairs.assemble(np.array([i])).ids for i in range(len(pairs))]
    return np.array([[row.sum(), row.size] for row in rows], dtype=np.float32)


@settings(deadline=None)
@given(
    lengths=st.lists(st.integers(3, 40), max_size=60),
    max_batch_tokens=st.integers(1, 400),
    overhead=st.integers(0, 200),
)
def test_every_pair_is_in_one_batch_within_the_budget(
    lengths: list[int], max_batch_tokens: int, overhead: int
) -> None:
    array = np.array(lengths, dtype=np.int64)
    batches = plan_batches(array, max_batch_tokens, overhead)
    rows = [int(row) for batch in batches for row in batch]
    assert sorted(rows) == list(range(len(lengths)))
    assert sorted((lengths[row] for row in rows), reverse=True) == [lengths[r] for r in rows]
    for batch in batches:
        assert len(batch) == 1 or len(batch) * array[batch].max() <= max_batch_tokens


@settings(deadline=None)
@given(lengths=st.lists(st.integers(3, 9), min_size=1, max_size=12), overhead=st.integers(0, 20))
def test_no_other_grouping_of_neighbours_costs_less(lengths: list[int], overhead: int) -> None:
    def cost(groups: list[list[int]]) -> int:
        return sum(overhead + len(group) * max(group) for group in groups)

    distinct = sorted(set(lengths), reverse=True)
    best = min(
        cost(
            [
                [n for n in lengths if n in distinct[start:end]]
                for start, end in zip([0, *cuts], [*cuts, len(distinct)], strict=True)
            ]
        )
        for cuts in _subsets(range(1, len(distinct)))
    )
    array = np.array(lengths, dtype=np.int64)
    planned = [array[batch].tolist() for batch in plan_batches(array, 10_000, overhead)]
    assert cost(planned) == best


def _subsets(items: range) -> list[list[int]]:
    return [[i for n, i in enumerate(items) if bits >> n & 1] for bits in range(1 << len(items))]


def test_without_overhead_no_batch_is_padded() -> None:
    lengths = np.array([9, 7, 9, 7, 5], dtype=np.int64)
    assert [lengths[b].tolist() for b in plan_batches(lengths, 100, 0)] == [[9, 9], [7, 7], [5]]


@pytest.mark.parametrize("n_lanes", [1, 3])
@pytest.mark.parametrize("max_batch_tokens", [0, 1, 40, 300])
def test_logits_come_in_the_callers_order(max_batch_tokens: int, n_lanes: int) -> None:
    pairs = all_pairs()
    budget = TokenBudget(CPU, max_batch_tokens)
    logits = score(TokenSums(), pairs, CPU, n_labels=2, budget=budget, n_lanes=n_lanes)
    assert logits.dtype == np.float32
    np.testing.assert_array_equal(logits, expected_logits(pairs))


@pytest.mark.parametrize("n_lanes", [1, 3])
def test_no_pairs(n_lanes: int) -> None:
    assert score(TokenSums(), all_pairs([]), CPU, n_labels=2, n_lanes=n_lanes).shape == (0, 2)


def test_lanes_share_a_few_pairs() -> None:
    """Which would be one batch for one lane."""
    one, three = TokenSums(), TokenSums()
    pairs = all_pairs(["no", "no troops"])
    for module, n_lanes in ((one, 1), (three, 3)):
        logits = score(module, pairs, CPU, n_labels=2, n_lanes=n_lanes)
        np.testing.assert_array_equal(logits, expected_logits(pairs))
    assert len(one.shapes) == 1
    assert len(three.shapes) >= 3


def test_progress_ends_with_all_pairs() -> None:
    seen: list[tuple[int, int]] = []
    pairs = all_pairs()
    score(
        TokenSums(),
        pairs,
        CPU,
        n_labels=2,
        budget=TokenBudget(CPU, 100),
        on_progress=lambda n_done, n_total: seen.append((n_done, n_total)),
    )
    assert len(seen) > 1
    assert seen == sorted(seen)
    assert seen[-1] == (len(pairs), len(pairs))


class SmallMemory(TokenSums):
    """Has room for *max_tokens* tokens at a time."""

    def __init__(self, max_tokens: int, error: RuntimeError | None = None) -> None:
        super().__init__()
        self.max_tokens = max_tokens
        self.error = error or torch.OutOfMemoryError("no memory")
        self.n_failures = 0

    def forward(self, input_ids: Tensor, **inputs: Any) -> Any:  # type: ignore[override]
        if input_ids.numel() > self.max_tokens:
            self.n_failures += 1
            raise self.error
        return super().forward(input_ids, **inputs)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("no memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("CUDA error: out of memory"),
    ],
)
def test_out_of_memory_makes_batches_smaller_and_goes_on(error: RuntimeError) -> None:
    pairs = all_pairs()
    module = SmallMemory(70, error)
    logits = score(module, pairs, CPU, n_labels=2, budget=TokenBudget(CPU, 1000))
    np.testing.assert_array_equal(logits, expected_logits(pairs))
    assert max(n_rows * length for n_rows, length in module.shapes) <= 70


def test_the_next_call_knows_how_much_memory_there_was(caplog: pytest.LogCaptureFixture) -> None:
    budget = TokenBudget(CPU, 4000)
    module = SmallMemory(max_tokens=70)
    score(module, all_pairs(), CPU, n_labels=2, budget=budget)
    assert 35 <= budget.n_tokens <= 70
    first, module.n_failures = module.n_failures, 0
    messages = caplog.messages
    assert messages[-1] == f"out of memory: batches of at most {budget.n_tokens} tokens"
    score(module, all_pairs(), CPU, n_labels=2, budget=budget)
    # Twice what was enough is tried, and tried again.
    assert module.n_failures == 2 < first
    assert caplog.messages == messages


def test_memory_that_was_short_for_a_while_is_used_again() -> None:
    budget = TokenBudget(CPU, 400)
    module = SmallMemory(max_tokens=70)
    score(module, all_pairs(), CPU, n_labels=2, budget=budget)
    assert budget.n_tokens <= 100
    module.max_tokens = 1000
    for _ in range(5):
        score(module, all_pairs(), CPU, n_labels=2, budget=budget)
    assert budget.n_tokens == 400


def test_a_process_that_ran_out_of_memory_has_the_share_that_others_think_it_has() -> None:
    pairs = all_pairs()
    budgets = [TokenBudget(CPU, 100), TokenBudget(CPU, 100)]
    modules = [TokenSums(), TokenSums()]

    def work() -> np.ndarray[Any, Any]:
        rank = torch.distributed.get_rank()
        # Twice as much is tried at first.
        budgets[1].n_tokens = 25
        return score(modules[rank], pairs, CPU, n_labels=2, budget=budgets[rank])

    for logits in Ranks(2).run(work):
        np.testing.assert_array_equal(logits, expected_logits(pairs))
    # A single pair is read whatever its length.
    longest = [max(n * w for n, w in module.shapes if n > 1) for module in modules]
    assert longest[1] <= 50 < longest[0]
    assert budgets[0].n_tokens == 100


def test_another_error_is_told_at_once() -> None:
    with pytest.raises(RuntimeError, match="the size of tensor a"):
        score(SmallMemory(70, RuntimeError("the size of tensor a")), all_pairs(), CPU, n_labels=2)


def test_out_of_memory_for_one_pair_is_an_error() -> None:
    with pytest.raises(ClaimnliError, match="no memory for one pair"):
        score(SmallMemory(max_tokens=20), all_pairs(), CPU, n_labels=2)


@pytest.mark.parametrize("n_lanes", [1, 2])
def test_interruption_keeps_what_was_done(n_lanes: int) -> None:
    pairs = all_pairs()

    def interrupt(n_done: int, n_total: int) -> None:
        if n_done > n_total // 2:
            raise KeyboardInterrupt

    with pytest.raises(ScoringInterrupted) as caught:
        score(
            TokenSums(),
            pairs,
            CPU,
            n_labels=2,
            budget=TokenBudget(CPU, 70),
            n_lanes=n_lanes,
            on_progress=interrupt,
        )

    is_done = ~np.isnan(caught.value.partial).any(axis=1)
    assert len(pairs) // 2 < is_done.sum() < len(pairs)
    np.testing.assert_array_equal(caught.value.partial[is_done], expected_logits(pairs)[is_done])


def test_an_infinite_logit_is_an_error() -> None:
    class Overflowing(TokenSums):
        def forward(self, input_ids: Tensor, **inputs: Any) -> Any:  # type: ignore[override]
            return SimpleNamespace(logits=torch.full((len(input_ids), 2), torch.inf))

    with pytest.raises(ClaimnliError, match="not a finite number"):
        score(Overflowing(), all_pairs(), CPU, n_labels=2)
