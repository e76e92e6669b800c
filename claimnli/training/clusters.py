"""Events told by several outlets, every pair of whose sentences is labelled: data/clusters.

A line of such a file is one event::

    {"event": "Dam at Orlo", "sentences": {"a1": "...", "a2": "...", "b1": "..."},
     "agreement": [["a1", "b1"]], "contradiction": []}

The letter of a sentence is its outlet. Two sentences of different outlets that stand in neither
list are unrelated, so that the labels have about the shares that candidates have in use. A third
list, ``unsure``, may name pairs that are left out.
"""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from claimnli.records import Relation
from claimnli.training.json_lines import read_pairs

_LISTED = (str(Relation.AGREEMENT), str(Relation.CONTRADICTION))
_UNSURE = "unsure"


def read_clusters(path: Path) -> dict[str, list[str]]:
    """The columns premise, hypothesis and label of all pairs across outlets, event by event.

    Raises ClaimnliError, which names the line, for a pair that the event cannot hold.
    """
    return read_pairs(
        path, _pairs, ("premise", "hypothesis", "label"), form="an event with its pairs"
    )


def _pairs(event: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    sentences: dict[str, str] = event["sentences"]
    label_of: dict[frozenset[str], str] = {}
    for label in (*_LISTED, _UNSURE):
        for a, b in event[label] if label != _UNSURE else event.get(_UNSURE, []):
            if a not in sentences or b not in sentences or a[0] == b[0]:
                raise ValueError(f"{a} and {b} are not two sentences of different outlets")
            if label_of.setdefault(frozenset((a, b)), label) != label:
                raise ValueError(f"{a} and {b} are listed twice")
    for a, b in combinations(sentences, 2):
        label = label_of.get(frozenset((a, b)), str(Relation.UNRELATED))
        if a[0] != b[0] and label != _UNSURE:
            yield sentences[a], sentences[b], label
