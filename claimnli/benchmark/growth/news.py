"""Invented news at any size: the sentences of this project's own training data, told anew.

An event is told by several outlets. Each takes its own sentences of a cluster (data/clusters,
data/long_clusters), and of the event's contrast sets (data/contrast_sets) it takes some, in one of
their wordings, so that articles agree, contradict each other, and speak of different things. When
the data are used up they are told again under other names. Two articles may share a sentence: one
of their event that both took, or one that holds no name that could be another.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, count, groupby, islice, product
from pathlib import Path
from typing import Any

import numpy as np

from claimnli.errors import ClaimnliError
from claimnli.records import IntArray

_CLUSTERS = ("clusters", "long_clusters")
_CONTRAST_SETS = "contrast_sets"
_MIN_SENTENCES, _MAX_SENTENCES = 8, 20
_MIN_OUTLETS = 2
# Each offers three sentences or more: enough for the longest article, and two articles of an event
# share about half.
_SETS_AN_EVENT = 7
_SENTENCES_A_PARAGRAPH = 3

# A capitalised word behind a small letter or a comma: the sentence does not begin with it.
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}")
_DAYS = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May "
    "June July August September October November December"
)
_CALENDAR = frozenset(_DAYS.split())
_BEGINNINGS = "Bal Bren Cor Dal Dren Fal Gar Hol Jor Kel Lum Mar Nor Ost Pel Quin Ros Sil Tarn Vel"
_MIDDLES = "a e i o u an er il om"
_ENDS = "bek dar den field gan lin mont nik ra rin sk ston tova vale wick"

Groups = list[list[str]]
"""Of a cluster: its headline, then the sentences of each outlet. Of a contrast set: the wordings of
what is agreed on or contradicted, of which an article takes one; then each unrelated sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What articles are made of."""

    clusters: list[Groups]
    contrast_sets: list[Groups]


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedArticle:
    """What one outlet tells of one event."""

    event: int
    outlet: int
    """From 0."""
    headline: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextPairs:
    """Pairs of sentences, each sentence once."""

    texts: list[str]
    index_a: IntArray
    """(n_pairs,) positions in *texts*."""
    index_b: IntArray


def read_material(data: Path) -> Material:
    """Read the training files of clusters and contrast sets in the folder *data*.

    Raises ClaimnliError, which names the file, if one is missing or of another form.
    """
    return Material(
        clusters=[
            [[event["event"]], *_by_outlet(event["sentences"])]
            for name in _CLUSTERS
            for event in _read(data / name / "train.jsonl", {"event", "sentences"})
        ],
        contrast_sets=[
            [[*one["agree"], *one["contradict"]], *([text] for text in one["unrelated"])]
            for one in _read(
                data / _CONTRAST_SETS / "train.jsonl", {"agree", "contradict", "unrelated"}
            )
        ],
    )


def invent_articles(material: Material, *, seed: int = 0) -> Iterator[InventedArticle]:
    """Articles without end, event by event; the first n are the same however many are taken."""
    clusters = _told_over_and_over(material.clusters, seed)
    contrast_sets = _told_over_and_over(material.contrast_sets, seed + 1)
    for event in count():
        rng = np.random.default_rng((seed, event))
        (headline,), *outlets = next(clusters)
        choices = [group for one in islice(contrast_sets, _SETS_AN_EVENT) for group in one]
        n_outlets = int(rng.integers(min(_MIN_OUTLETS, len(outlets)), len(outlets) + 1))
        for outlet, own in enumerate(outlets[:n_outlets]):
            n_more = int(rng.integers(_MIN_SENTENCES, _MAX_SENTENCES + 1)) - len(own)
            chosen = (choices[i] for i in rng.permutation(len(choices))[: max(0, n_more)])
            others = [group[int(rng.integers(len(group)))] for group in chosen]
            yield InventedArticle(
                event=event,
                outlet=outlet,
                headline=f"Report on {headline}",
                sentences=(*own, *others),
            )


def write_articles(articles: Iterable[InventedArticle], folder: Path) -> int:
    """Write each article as a text file in *folder*, headline first; return how many there were."""
    folder.mkdir(parents=True, exist_ok=True)
    n_articles = 0
    for article in articles:
        paragraphs = [
            " ".join(article.sentences[start : start + _SENTENCES_A_PARAGRAPH])
            for start in range(0, len(article.sentences), _SENTENCES_A_PARAGRAPH)
        ]
        text = "\n\n".join([article.headline, *paragraphs])
        path = folder / f"event{article.event:06d}-outlet{article.outlet}.txt"
        path.write_text(f"{text}\n", encoding="utf-8")
        n_articles += 1
    return n_articles


def pairs_across_articles(articles: Iterable[InventedArticle], n_pairs: int) -> TextPairs:
    """The first *n_pairs* pairs of sentences of different articles of one event.

    A sentence stands in about as many pairs as in a comparison, some tens. Raises ValueError if
    *articles* have fewer pairs.
    """
    pairs = list(islice(_pairs(articles), n_pairs))
    if len(pairs) < n_pairs:
        raise ValueError(f"the articles have {len(pairs)} pairs, not {n_pairs}")
    position: dict[str, int] = {}
    index = [[position.setdefault(text, len(position)) for text in pair] for pair in pairs]
    index_a, index_b = np.array(index, dtype=np.int32).reshape(-1, 2).T
    return TextPairs(texts=list(position), index_a=index_a, index_b=index_b)


def _pairs(articles: Iterable[InventedArticle]) -> Iterator[tuple[str, str]]:
    for _, of_event in groupby(articles, key=lambda article: article.event):
        for one, other in combinations([article.sentences for article in of_event], 2):
            yield from product(one, other)


def _told_over_and_over(sources: Sequence[Groups], seed: int) -> Iterator[Groups]:
    """*sources* in random order, again and again; from the second time on under other names."""
    rng = np.random.default_rng(seed)
    for telling in count():
        for i in rng.permutation(len(sources)):
            yield _under_other_names(sources[i], rng) if telling else sources[i]


def _under_other_names(source: Groups, rng: np.random.Generator) -> Groups:
    found = {name for group in source for text in group for name in _NAME.findall(text)}
    new = {name: _invent_name(rng) for name in sorted(found - _CALENDAR)}
    if not new:
        return source
    # Wherever they stand, at the beginning of a sentence too.
    known = re.compile(rf"\b({'|'.join(new)})\b")
    return [[known.sub(lambda match: new[match[0]], text) for text in group] for group in source]


def _invent_name(rng: np.random.Generator) -> str:
    return "".join(str(rng.choice(part.split())) for part in (_BEGINNINGS, _MIDDLES, _ENDS))


def _by_outlet(sentences: Mapping[str, str]) -> Groups:
    """The letter of a sentence is its outlet."""
    outlets: dict[str, list[str]] = {}
    for name, text in sentences.items():
        outlets.setdefault(name[0], []).append(text)
    return list(outlets.values())


def _read(path: Path, keys: set[str]) -> list[dict[str, Any]]:
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise ClaimnliError(
            f"{path}: cannot be read ({error})", mend="Give the folder data of the repository."
        ) from error
    for n_line, row in enumerate(rows, start=1):
        if missing := keys - row.keys():
            raise ClaimnliError(
                f"{path}, line {n_line}: no {', '.join(sorted(missing))}",
                mend="Give the folder data of the repository.",
            )
    return rows
