"""Contrast sets: a few sentences each, which agree with, contradict or leave alone one another.

A line of data/contrast_sets is one set::

    {"kind": "number", "domain": "crime", "agree": ["...", "...", "..."],
     "contradict": ["..."], "unrelated": ["...", "..."]}

Any two sentences of *agree* agree, each of them contradicts every one of *contradict*, and a
sentence of *unrelated* is unrelated to all of both lists. Named after Gardner et al. 2020,
"Evaluating Models' Local Decision Boundaries via Contrast Sets".
"""

from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any

from claimnli.records import Relation
from claimnli.training.json_lines import read_pairs

_LISTS = ("agree", "contradict", "unrelated")


def read_contrast_sets(path: Path) -> dict[str, list[str]]:
    """The columns premise, hypothesis, label and kind of all pairs, set by set.

    Raises ClaimnliError, which names the line, for a set of another form.
    """
    return read_pairs(
        path, _pairs, ("premise", "hypothesis", "label", "kind"), form="a contrast set"
    )


def _pairs(one: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    agree, contradict, unrelated = (_texts(one, name) for name in _LISTS)
    everything = [*agree, *contradict, *unrelated]
    if len(set(everything)) < len(everything):
        raise ValueError("a sentence stands in it twice")
    for relation, pairs in (
        (Relation.AGREEMENT, combinations(agree, 2)),
        (Relation.CONTRADICTION, product(agree, contradict)),
        (Relation.UNRELATED, product([*agree, *contradict], unrelated)),
    ):
        for a, b in pairs:
            yield a, b, str(relation), one["kind"]


def _texts(one: dict[str, Any], name: str) -> list[str]:
    texts = one[name]
    if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
        raise TypeError(f"{name!r} is not a list of sentences")
    return texts
