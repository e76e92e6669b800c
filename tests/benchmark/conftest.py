from collections.abc import Mapping
from pathlib import Path

import pytest

from claimnli.benchmark.contenders import Setup
from claimnli.benchmark.workloads import PairReader
from claimnli.config import NliConfig
from claimnli.records import Article
from tests.tiny_models import KINDS, build_tokenizer

_SENTENCES = (
    "The mayor resigned on Monday after the vote on the new bridge.",
    "No troops were sent to the town, the minister said on Tuesday.",
    "A spokesman for the company said that 300 people had lost work.",
    "The court did not rule on the case before the end of the year.",
)


def write_articles(folder: Path) -> Path:
    """Two articles that share claims."""
    for name, order in (("first", (0, 1, 2, 3)), ("second", (3, 1, 0))):
        text = " ".join(_SENTENCES[i] for i in order)
        (folder / f"{name}.txt").write_text(f"{name}\n\n{text}\n", encoding="utf-8")
    return folder


@pytest.fixture
def articles() -> list[Article]:
    return [
        Article(article_id=str(i), text=f"{sentence} " * 3, title="", source="", path="")
        for i, sentence in enumerate(_SENTENCES)
    ]


@pytest.fixture(params=KINDS)
def reader(request: pytest.FixtureRequest) -> PairReader:
    return PairReader.of(build_tokenizer(request.param), max_tokens=64)


@pytest.fixture(params=KINDS)
def setup(request: pytest.FixtureRequest, tiny_checkpoints: Mapping[str, Path]) -> Setup:
    folder = str(tiny_checkpoints[request.param])
    config = NliConfig(model=folder, device="cpu", dtype="bfloat16", max_tokens=64)
    return Setup(config=config, checkpoint=folder, device="cpu")
