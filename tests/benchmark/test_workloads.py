"""Pairs have the lengths that are claimed; a sample carries no text that it does not use."""

import numpy as np
import pytest

from claimnli.benchmark.flops import flops_of_pairs
from claimnli.benchmark.records import Workload
from claimnli.benchmark.workloads import PairReader, pairs_of_length, real_mix
from claimnli.config import Config, PairingConfig
from claimnli.errors import ClaimnliError
from claimnli.records import Article
from tests.fakes import FakeEncoder
from tests.tiny_models import RELATION_LABELS, build_model

ALL_PAIRS = Config(pairing=PairingConfig(min_similarity=-1.0))


@pytest.mark.parametrize("length", [16, 31, 64])
def test_pairs_of_one_length(length: int, articles: list[Article], reader: PairReader) -> None:
    workload = pairs_of_length(articles, reader, length, n_pairs=20)
    tokenised = reader.tokenizer(
        [workload.texts[i] for i in workload.index_a],
        [workload.texts[i] for i in workload.index_b],
    )
    assert [len(ids) for ids in tokenised["input_ids"]] == [length] * 20
    assert workload.lengths.tolist() == [length] * 20
    assert len(set(workload.texts)) > 2
    stream = "\n".join(article.text for article in articles)
    assert all(text in stream for text in workload.texts)


def test_lengths_that_cannot_be_had(articles: list[Article], reader: PairReader) -> None:
    with pytest.raises(ClaimnliError, match=r"(?s)65 tokens.*to 64"):
        pairs_of_length(articles, reader, 65, n_pairs=1)
    with pytest.raises(ClaimnliError, match="4 tokens"):
        pairs_of_length(articles, reader, 4, n_pairs=1)
    short = [Article(article_id="1", text="No.", title="", source="", path="")]
    with pytest.raises(ClaimnliError, match="no passage"):
        pairs_of_length(short, reader, 60, n_pairs=1)


def test_real_mix(articles: list[Article], reader: PairReader) -> None:
    everything = real_mix(articles, ALL_PAIRS, reader, encoder=FakeEncoder())
    assert len(everything) > 3
    some = real_mix(articles, ALL_PAIRS, reader, n_pairs=3, encoder=FakeEncoder())
    assert _as_texts(some) == _as_texts(everything)[:3]
    assert some.lengths.tolist() == everything.lengths[:3].tolist()


def test_no_pairs_is_an_error(articles: list[Article], reader: PairReader) -> None:
    with pytest.raises(ClaimnliError, match="no claims to pair"):
        real_mix(articles[:1], ALL_PAIRS, reader, encoder=FakeEncoder())


def test_a_part_of_a_workload() -> None:
    workload = Workload(
        name="mix",
        texts=["a", "b", "c", "d"],
        index_a=np.array([0, 3, 2, 0], dtype=np.int32),
        index_b=np.array([1, 2, 2, 3], dtype=np.int32),
        lengths=np.array([5, 9, 7, 9]),
    )
    assert workload.first(9) is workload
    first = workload.first(1)
    assert (first.texts, _as_texts(first)) == (["a", "b"], [("a", "b")])
    longest = workload.longest(3)
    assert _as_texts(longest) == [("d", "c"), ("a", "d"), ("c", "c")]
    assert longest.texts == ["a", "c", "d"]
    assert longest.lengths.tolist() == [9, 9, 7]


def _as_texts(workload: Workload) -> list[tuple[str, str]]:
    return [
        (workload.texts[a], workload.texts[b])
        for a, b in zip(workload.index_a, workload.index_b, strict=True)
    ]


@pytest.mark.parametrize("kind", ["bert", "mpnet"])
@pytest.mark.parametrize("length", [5, 40])
def test_flops_are_those_of_the_matrix_products(kind: str, length: int) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    model = build_model(kind, RELATION_LABELS)
    # Only eager attention is made of products that the counter sees on a CPU.
    model.set_attn_implementation("eager")
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(torch.full((1, length), 7))
    flops = flops_of_pairs(model.config, np.array([length, length]))
    assert flops is not None
    assert flops.tolist() == [counter.get_total_flops()] * 2


def test_flops_of_base() -> None:
    from transformers import GPT2Config, MPNetConfig

    base = MPNetConfig(id2label=dict(enumerate(RELATION_LABELS)))
    flops = flops_of_pairs(base, np.array([64]))
    assert flops is not None
    # Of an encoder of 12 layers, 768 wide, at 64 tokens.
    assert flops[0] == pytest.approx(11.0e9, rel=0.01)
    assert flops_of_pairs(GPT2Config(), np.array([64])) is None
