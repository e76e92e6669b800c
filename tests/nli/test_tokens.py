"""Pairs put together from the store are, id for id, those of the tokenizer."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers.processors import TemplateProcessing

from claimnli.errors import ClaimnliError
from claimnli.nli.tokens import PairTemplate, PairTokens, TokenStore, read_template, tokenise
from tests.tiny_models import KINDS, build_tokenizer


@cache
def tokenizer_and_template(kind: str, side: str = "right") -> tuple[Any, PairTemplate]:
    tokenizer = build_tokenizer(kind)
    tokenizer.truncation_side = side
    return tokenizer, read_template(tokenizer)


texts = st.lists(
    st.one_of(
        st.text(alphabet="abcdehmrt .,'No\u00e9\u4e2d\U0001f600\n", max_size=40),
        st.sampled_from(["", "The mayor resigned.", "[SEP] </s>", "no " * 60]),
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(texts=texts, max_tokens=st.integers(6, 70))
def test_pairs_equal_the_tokenizers_own(
    kind: str, side: str, texts: list[str], max_tokens: int
) -> None:
    tokenizer, template = tokenizer_and_template(kind, side)
    index_a, index_b = (i.ravel() for i in np.indices((len(texts), len(texts))))
    pairs = PairTokens(
        tokenise(texts, tokenizer), template, index_a, index_b, max_tokens=max_tokens
    )

    batch = pairs.assemble(np.arange(len(pairs)))
    expected = tokenizer(
        [texts[i] for i in index_a],
        [texts[i] for i in index_b],
        truncation="longest_first",
        max_length=max_tokens,
        padding="longest",
    )

    assert batch.ids.tolist() == expected["input_ids"]
    mask = np.ones_like(batch.ids) if batch.mask is None else batch.mask
    assert mask.tolist() == expected["attention_mask"]
    assert pairs.lengths.tolist() == mask.sum(axis=1).tolist()
    if kind == "bert":
        assert batch.type_ids is not None
        assert batch.type_ids.tolist() == expected["token_type_ids"]
    else:
        assert batch.type_ids is None


def test_a_saved_store_gives_the_same_pairs(tmp_path: Path) -> None:
    tokenizer, template = tokenizer_and_template("mpnet")
    store = tokenise(["the mayor resigned", "", "no " * 30], tokenizer)
    store.save(tmp_path)
    opened = TokenStore.open(tmp_path)
    assert isinstance(opened.ids, np.memmap)
    index_a, index_b = (i.ravel() for i in np.indices((3, 3)))
    ours, saved = (
        PairTokens(each, template, index_a, index_b, max_tokens=24).assemble(np.arange(9))
        for each in (store, opened)
    )
    assert saved.ids.tolist() == ours.ids.tolist()


def test_cut_pairs_are_counted() -> None:
    tokenizer, template = tokenizer_and_template("bert")
    store = tokenise(["the mayor resigned", "no"], tokenizer)
    pairs = PairTokens(store, template, [0, 0, 1], [0, 1, 1], max_tokens=8)
    assert pairs.lengths.tolist() == [8, 7, 5]
    assert pairs.n_truncated == 1


def test_pairs_of_one_length_have_no_mask() -> None:
    tokenizer, template = tokenizer_and_template("mpnet")
    store = tokenise(["the mayor", "no troops", "no"], tokenizer)
    pairs = PairTokens(store, template, [0, 1, 2], [1, 0, 0], max_tokens=64)
    assert pairs.assemble(np.array([0, 1])).mask is None
    assert pairs.assemble(np.array([0, 2])).mask is not None


def test_lengths_in_tokenizer_json_are_ignored() -> None:
    tokenizer = build_tokenizer("bert")
    tokenizer.backend_tokenizer.enable_truncation(2)
    tokenizer.backend_tokenizer.enable_padding(length=9)
    assert tokenise(["the mayor resigned"], tokenizer).offsets.tolist() == [0, 3]


def test_texts_of_several_calls_are_those_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = build_tokenizer("bert")
    texts = ["The mayor resigned.", "", "no", "She did not.", "Troops left.", "no no", "Monday"]
    whole = tokenise(texts, tokenizer)
    monkeypatch.setattr("claimnli.nli.tokens._TEXTS_OF_A_CALL", 3)
    in_parts = tokenise(texts, tokenizer)
    assert in_parts.ids.tolist() == whole.ids.tolist()
    assert in_parts.offsets.tolist() == whole.offsets.tolist()


def test_no_texts_and_no_pairs() -> None:
    tokenizer, template = tokenizer_and_template("roberta")
    pairs = PairTokens(tokenise([], tokenizer), template, [], [], max_tokens=64)
    assert len(pairs) == 0
    assert pairs.assemble(np.arange(0)).ids.shape[0] == 0


def test_a_tokenizer_that_cannot_be_reproduced_is_refused() -> None:
    class Shouting(type(build_tokenizer("bert"))):  # type: ignore[misc]
        def __call__(self, text: Any, pair: Any = None, **options: Any) -> Any:
            if isinstance(pair, list):
                pair = [f"no {p}" for p in pair]
            return super().__call__(text, pair, **options)

    tokenizer = Shouting(vocab=build_tokenizer("bert").get_vocab(), model_max_length=128)
    with pytest.raises(ClaimnliError, match="cannot be reproduced"):
        read_template(tokenizer)


def test_the_second_text_first_is_refused() -> None:
    tokenizer = build_tokenizer("bert")
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $B [SEP] $A [SEP]",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    with pytest.raises(ClaimnliError, match="cannot be reproduced"):
        read_template(tokenizer)


def test_too_few_tokens_for_a_pair_are_refused() -> None:
    tokenizer, template = tokenizer_and_template("mpnet")
    with pytest.raises(ClaimnliError, match="max_tokens is 5"):
        PairTokens(tokenise(["no"], tokenizer), template, [0], [0], max_tokens=5)
