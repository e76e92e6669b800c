"""What must hold of any pairs: a result depends on the two texts alone, whatever is beside them."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from claimnli.config import NliConfig
from claimnli.nli.calibration import Calibration
from claimnli.nli.device import ComputeDevice
from claimnli.nli.engine import TokenBudget, score
from claimnli.nli.model import NliModel, load_model
from claimnli.nli.tokens import PairTokens, read_template, tokenise
from claimnli.records import RELATIONS, FloatArray, IntArray, Relation
from tests.nli.ranks import Ranks
from tests.tiny_models import KINDS, build_tokenizer

TOLERANCE = 1e-5
"""Of a probability in float32: padding and the rows of a batch change the order of sums alone."""
MAX_TOKENS = 48
ONE_ORDER_FROM = 0.43
"""Settles some of the pairs of the calibrated checkpoint by one order, and some not."""
CPU = ComputeDevice(device=torch.device("cpu"), dtype=torch.float32, reason="test")

examples = settings(max_examples=25)
"""The profile in conftest.py does the rest: no deadline, and the same examples in every run."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Pairs of *texts*, as they are handed to a model."""

    texts: list[str]
    index_a: IntArray
    """(n_pairs,) positions in *texts*."""
    index_b: IntArray

    def __repr__(self) -> str:
        return f"Pairs({self.texts}, {self.index_a.tolist()}, {self.index_b.tolist()})"

    def probabilities(self, model: NliModel) -> FloatArray:
        """(n_pairs, 3)"""
        return model.relation_probabilities(self.texts, self.index_a, self.index_b)

    def take(self, rows: Any) -> "Pairs":
        return Pairs(texts=self.texts, index_a=self.index_a[rows], index_b=self.index_b[rows])


# From nothing to longer than the model reads, so that pairs are of many lengths and some are cut.
sentences = st.lists(
    st.sampled_from(["the", "mayor", "resigned", "on", "monday", "no", "not", "troops", "3,000."]),
    max_size=40,
).map(" ".join)


@st.composite
def some_pairs(draw: st.DrawFn) -> Pairs:
    texts = draw(st.lists(sentences, min_size=1, max_size=8))
    position = st.integers(0, len(texts) - 1)
    index = draw(st.lists(st.tuples(position, position), min_size=1, max_size=24))
    index_a, index_b = np.array(index, dtype=np.int32).T
    return Pairs(texts=texts, index_a=index_a, index_b=index_b)


@cache
def load(folder: Path, **changes: Any) -> NliModel:
    given: dict[str, Any] = {"device": "cpu", "dtype": "float32", "max_tokens": MAX_TOKENS}
    given["one_order_from"] = ONE_ORDER_FROM
    return load_model(NliConfig(model=str(folder), **given | changes))


@pytest.fixture(params=[*KINDS, "calibrated"], scope="module")
def folder(
    request: pytest.FixtureRequest,
    tiny_checkpoints: Mapping[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A checkpoint; the calibrated one reads the second order of some pairs alone."""
    if request.param in tiny_checkpoints:
        return tiny_checkpoints[request.param]
    copied = tmp_path_factory.mktemp("calibrated")
    shutil.copytree(tiny_checkpoints["mpnet"], copied, dirs_exist_ok=True)
    Calibration(temperature=0.1, bias=(0.0, 0.0, 5.0)).save(copied)
    return copied


def assert_close(probabilities: FloatArray, expected: FloatArray) -> None:
    # The last bits may decide whether one order settles a pair that is just at the threshold.
    unrelated = np.stack([probabilities, expected])[:, :, RELATIONS.index(Relation.UNRELATED)]
    is_clear = np.abs(unrelated - ONE_ORDER_FROM).min(axis=0) > 10 * TOLERANCE
    np.testing.assert_allclose(probabilities[is_clear], expected[is_clear], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("folder", ["calibrated"], indirect=True)
def test_one_order_settles_some_pairs(folder: Path) -> None:
    texts = ["the mayor resigned", "no", "troops on monday", "the mayor resigned on monday", ""]
    index_a, index_b = (i.ravel() for i in np.indices((len(texts), len(texts)), dtype=np.int32))
    pairs = Pairs(texts=texts, index_a=index_a, index_b=index_b)
    both = pairs.probabilities(load(folder, one_order_from=1.0))
    differs = np.abs(pairs.probabilities(load(folder)) - both).max(axis=1) > TOLERANCE
    assert 0 < differs.sum() < 20  # of 25, five of which are a text beside itself


@examples
@given(pairs=some_pairs(), random=st.randoms(use_true_random=False))
def test_the_order_of_pairs_and_of_texts_changes_nothing(
    folder: Path, pairs: Pairs, random: Any
) -> None:
    model = load(folder)
    rows, texts = list(range(len(pairs.index_a))), list(range(len(pairs.texts)))
    random.shuffle(rows)
    random.shuffle(texts)
    new_place = np.argsort(texts).astype(np.int32)
    shuffled = Pairs(
        texts=[pairs.texts[i] for i in texts],
        index_a=new_place[pairs.index_a[rows]],
        index_b=new_place[pairs.index_b[rows]],
    )
    assert_close(shuffled.probabilities(model), pairs.probabilities(model)[rows])


@examples
@given(pairs=some_pairs(), max_batch_tokens=st.sampled_from([1, 17, 64, 150, 400, 5000]))
def test_the_token_budget_changes_nothing(
    folder: Path, pairs: Pairs, max_batch_tokens: int
) -> None:
    limited = load(folder, max_batch_tokens=max_batch_tokens)
    assert_close(pairs.probabilities(limited), pairs.probabilities(load(folder)))


@examples
@given(pairs=some_pairs(), data=st.data())
def test_what_else_is_scored_changes_nothing(
    folder: Path, pairs: Pairs, data: st.DataObject
) -> None:
    model = load(folder)
    together = pairs.probabilities(model)
    is_chosen = np.array(data.draw(st.lists(st.booleans(), min_size=len(together), max_size=24)))
    rows = np.flatnonzero(is_chosen[: len(together)])
    assert_close(pairs.take(rows).probabilities(model), together[rows])
    row = data.draw(st.integers(0, len(together) - 1))
    alone = Pairs(
        texts=[pairs.texts[pairs.index_a[row]], pairs.texts[pairs.index_b[row]]],
        index_a=np.array([0], dtype=np.int32),
        index_b=np.array([1], dtype=np.int32),
    )
    assert_close(alone.probabilities(model), together[[row]])


@examples
@given(pairs=some_pairs(), data=st.data())
def test_duplicates_are_labelled_alike_and_change_nothing(
    folder: Path, pairs: Pairs, data: st.DataObject
) -> None:
    model = load(folder)
    once = pairs.probabilities(model)
    n_pairs, n_texts = len(once), len(pairs.texts)
    repeated = np.array(data.draw(st.lists(st.integers(0, n_pairs - 1), max_size=20)), dtype=int)
    rows = np.concatenate([np.arange(n_pairs), repeated])
    # Every second row takes its first text from a copy of the texts.
    copied = np.arange(len(rows), dtype=np.int32) % 2 * n_texts
    doubled = Pairs(
        texts=pairs.texts * 2,
        index_a=(pairs.index_a[rows] + copied).astype(np.int32),
        index_b=pairs.index_b[rows],
    )
    assert_close(doubled.probabilities(model), once[rows])


# With a margin of 1.1 every pair is a close call: it is shared out twice, the second time in
# float32, and the results are those of float32; but not which pairs one order settles, which is
# decided before, and in bfloat16.
@pytest.mark.parametrize("rounding", [{}, {"dtype": "bfloat16", "close_call": 1.1}])
@examples
@given(
    pairs=some_pairs(), n_ranks=st.integers(1, 4), max_batch_tokens=st.sampled_from([1, 100, 2000])
)
def test_shares_of_several_processes_change_nothing(
    folder: Path, rounding: dict[str, Any], pairs: Pairs, n_ranks: int, max_batch_tokens: int
) -> None:
    model = load(folder, max_batch_tokens=max_batch_tokens, **rounding)
    merged = Ranks(n_ranks).run(lambda: pairs.probabilities(model))
    assert len(merged) == n_ranks
    for probabilities in merged:
        np.testing.assert_array_equal(probabilities, merged[0])
    if not (rounding and folder.name.startswith("calibrated")):
        assert_close(merged[0], pairs.probabilities(load(folder)))


class Recorder(nn.Module):
    """Stands for a model and keeps what it reads; the only logit of a row is its running number."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[int]] = []
        """Token ids of each row without the padding."""
        self.shapes: list[tuple[int, int]] = []

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
    ) -> Any:
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        numbers = len(self.rows) + torch.arange(len(input_ids))
        self.shapes.append((input_ids.shape[0], input_ids.shape[1]))
        self.rows += [row[own > 0].tolist() for row, own in zip(input_ids, mask, strict=True)]
        return SimpleNamespace(logits=numbers[:, None].float())


odd_texts = st.one_of(
    sentences,
    st.text(alphabet="abcdehmrt .,'No\u00e9\u4e2d\U0001f600\n", max_size=30),
    st.sampled_from(["", "[SEP] </s>", "no " * 60]),
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=50)
@given(
    texts=st.lists(odd_texts, min_size=1, max_size=6),
    max_tokens=st.integers(6, 70),
    max_batch_tokens=st.integers(1, 500),
)
def test_batches_hold_every_pair_once_as_the_tokenizer_writes_it(
    kind: str, texts: list[str], max_tokens: int, max_batch_tokens: int
) -> None:
    tokenizer = build_tokenizer(kind)
    index_a, index_b = (i.ravel() for i in np.indices((len(texts), len(texts))))
    pairs = PairTokens(
        tokenise(texts, tokenizer),
        read_template(tokenizer),
        index_a,
        index_b,
        max_tokens=max_tokens,
    )
    model = Recorder()
    numbers = score(model, pairs, CPU, n_labels=1, budget=TokenBudget(CPU, max_batch_tokens))[:, 0]

    assert sorted(numbers) == list(range(len(pairs)))
    assert all(n == 1 or n * length <= max_batch_tokens for n, length in model.shapes)
    read = [model.rows[int(number)] for number in numbers]
    assert pairs.lengths.tolist() == [len(row) for row in read]
    expected = tokenizer(
        [texts[i] for i in index_a],
        [texts[i] for i in index_b],
        truncation="longest_first",
        max_length=max_tokens,
    )
    assert read == expected["input_ids"]
