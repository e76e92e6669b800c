"""Contrast sets: a few sentences each, which agree with, contradict or leave alone one another.

A line of data/contrast_sets is one set::

    {"kind": "number", "domain": "crime", "agree": ["...", "...", "..."],
     "contradict": ["..."], "unrelated": ["...", "..."]}

Any two sentences of *agree* agree, each of them contradicts every one of *contradict*, and a
sentence of *unrelated* is unrelated to all of both lists. Named after Gardner et al. 2020,
"Evaluating Models' Local Decision Boundaries via Contrast Sets".
"""

import json
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any

from claimnli.errors import ClaimnliError
from claimnli.records import Relation

_LISTS = ("agree", "contradict", "unrelated")


def read_contrast_sets(path: Path) -> dict[str, list[str]]:
    """The columns premise, hypothesis, label and kind of all pairs, set by set.

    Raises ClaimnliError, which names the line, for a set of another form.
    """
    rows: list[tuple[str, str, str, str]] = []
    n_read = 0
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                rows += _pairs(json.loads(line))
                n_read += 1
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ClaimnliError(
            f"{path}, line {n_read + 1}: not a contrast set ({error})",
            mend="data/contrast_sets/README.md shows the form.",
        ) from error
    names = ("premise", "hypothesis", "label", "kind")
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {name: list(column) for name, column in zip(names, columns, strict=True)}


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
