"""Articles are invented the same way each time, and have something to say to each other."""

import re
from collections import defaultdict
from itertools import islice
from pathlib import Path

import pytest

from claimnli.articles import read_articles
from claimnli.benchmark.growth.news import (
    InventedArticle,
    invent_articles,
    pairs_across_articles,
    read_material,
    write_articles,
)
from claimnli.config import ArticlesConfig
from claimnli.errors import ClaimnliError

REPOSITORY = Path(__file__).parents[3]


def invent(data: Path, n_articles: int, *, seed: int = 0) -> list[InventedArticle]:
    return list(islice(invent_articles(read_material(data), seed=seed), n_articles))


def by_event(articles: list[InventedArticle]) -> list[list[InventedArticle]]:
    events = defaultdict(list)
    for article in articles:
        events[article.event].append(article)
    return list(events.values())


@pytest.mark.parametrize("source", ["small", "repository"])
def test_articles_are_of_the_length_asked_for_and_in_events(source: str, data: Path) -> None:
    articles = invent(data if source == "small" else REPOSITORY / "data", 200)
    assert all(8 <= len(article.sentences) <= 20 for article in articles)
    assert all(len(set(a.sentences)) == len(a.sentences) for a in articles)
    # The last event may be cut by the number.
    for event in by_event(articles)[:-1]:
        assert [article.outlet for article in event] == list(range(len(event)))
        assert len(event) >= 2
        assert len({article.headline for article in event}) == 1
    shared = [set(a.sentences) & set(b.sentences) for a, b, *_ in by_event(articles)[:-1]]
    assert any(shared)


def test_the_same_seed_gives_the_same_articles(data: Path) -> None:
    articles = invent(data, 60)
    assert invent(data, 20) == articles[:20]
    assert invent(data, 60, seed=1) != articles


def test_outlets_differ_in_what_they_say_of_one_thing(data: Path) -> None:
    first, second, *_ = by_event(invent(data, 8))[0]
    numbers = [re.findall(r"bridge (\d+) ", " ".join(a.sentences)) for a in (first, second)]
    assert set(numbers[0]) & set(numbers[1])
    # Of the wordings of one thing, an article has one.
    assert all(len(set(found)) == len(found) for found in numbers)


def test_a_second_telling_has_other_names(data: Path) -> None:
    events = by_event(invent(data, 60))
    told = " ".join(events[0][0].sentences)
    assert "dam at Orlo on Monday, Mayor Ada Brisk" in told
    assert "Brisk had asked for it in May." in told

    # The two clusters come first, then both anew.
    again = events[2]
    own = re.search(
        r"dam at (\w+) on Monday, (\w+) (\w+) (\w+) said\. (\w+) had asked for it in May",
        " ".join(again[0].sentences),
    )
    assert own is not None
    place, *_, surname, begins_a_sentence = own.groups()
    assert begins_a_sentence == surname
    assert not {"Orlo", "Ada", "Brisk"} & set(own.groups())
    assert f"above {place} stays open" in " ".join(again[1].sentences)
    assert again[0].headline.startswith(f"Report on Dam at {place}")
    third = by_event(invent(data, 60))[4]
    assert place not in third[0].headline


def test_the_folder_can_be_read(data: Path, tmp_path: Path) -> None:
    articles = invent(data, 30)
    folder = tmp_path / "news"
    assert write_articles(articles, folder) == 30
    collection = read_articles([folder], ArticlesConfig())
    assert not collection.failures
    assert [article.title for article in collection.articles] == [a.headline for a in articles]
    for written, article in zip(collection.articles, articles, strict=True):
        assert all(sentence in written.text for sentence in article.sentences)


def test_pairs_are_of_different_articles_of_an_event(data: Path) -> None:
    articles = invent(data, 12)
    events = by_event(articles)
    n_first = sum(
        len(a.sentences) * len(b.sentences)
        for i, a in enumerate(events[0])
        for b in events[0][i + 1 :]
    )
    pairs = pairs_across_articles(articles, n_first + 1)
    assert len(pairs.index_a) == len(pairs.index_b) == n_first + 1
    assert len(set(pairs.texts)) == len(pairs.texts)
    assert pairs.texts[pairs.index_a[0]] == events[0][0].sentences[0]
    assert pairs.texts[pairs.index_b[0]] == events[0][1].sentences[0]
    assert pairs.texts[pairs.index_a[-1]] == events[1][0].sentences[0]
    assert pairs.texts[pairs.index_b[-1]] == events[1][1].sentences[0]


def test_too_few_pairs(data: Path) -> None:
    with pytest.raises(ValueError, match="have 0 pairs, not 5"):
        pairs_across_articles(invent(data, 1), 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"clusters.train\.jsonl: cannot be read"),
        ("{", r"clusters.train\.jsonl: cannot be read"),
        ('{"event": "x"}', r"(?s)train\.jsonl, line 1: no sentences.*folder data"),
    ],
)
def test_files_that_are_not_the_training_files(text: str | None, message: str, data: Path) -> None:
    path = data / "clusters" / "train.jsonl"
    if text is None:
        path.unlink()
    else:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ClaimnliError, match=message):
        read_material(data)
