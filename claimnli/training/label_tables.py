"""Labels of pairs of sentences, kept without the sentences: data/event_labels, data/rumour_labels.

The sentences belong to their corpora, so that a label names them by article and line, or by article
and place in its text, and is put together with the articles where somebody has them.
"""

import csv
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from claimnli.errors import ClaimnliError
from claimnli.training.events import detokenise

_EVENT_COLUMNS = ("event", "article_a", "line_a", "article_b", "line_b", "label")
_RUMOUR_COLUMNS = (
    "rumour",
    *("article_a", "start_a", "end_a"),
    *("article_b", "start_b", "end_b"),
    "label",
)
_ID_LENGTH = 12

LabelledTexts = tuple[str, str, str]
"""Premise, hypothesis, label."""


def join_event_labels(labels: Path, articles: Sequence[Mapping[str, Any]]) -> list[LabelledTexts]:
    """Every row of the .csv file *labels* with its sentences, in its order.

    *articles*: rows with ``event``, ``article`` and ``sentences`` (a tokenised sentence a line);
    lines count from 0. Raises ClaimnliError, naming the line of *labels*, for a sentence that is
    not there.
    """
    lines = {
        (row["event"], row["article"], number): detokenise(line)
        for row in articles
        for number, line in enumerate(row["sentences"].split("\n"))
    }

    def find(row: Mapping[str, str], side: str) -> str:
        return lines[row["event"], row[f"article_{side}"], int(row[f"line_{side}"])]

    return _join(labels, _EVENT_COLUMNS, find)


def join_rumour_labels(labels: Path, texts: Iterable[str]) -> list[LabelledTexts]:
    """Every row of the .csv file *labels* with its sentences, in its order.

    *texts*: the articles' texts, which rows name by ``article_id`` and cut by the characters from
    start to end. Runs of white space inside a sentence become one space. Raises ClaimnliError,
    naming the line of *labels*, for a sentence that is not there.
    """
    articles = {article_id(text): text for text in texts}

    def find(row: Mapping[str, str], side: str) -> str:
        text = articles[row[f"article_{side}"]]
        start, end = int(row[f"start_{side}"]), int(row[f"end_{side}"])
        if not 0 <= start < end <= len(text):
            raise ValueError(f"{start} to {end} of {len(text)} characters")
        return " ".join(text[start:end].split())

    return _join(labels, _RUMOUR_COLUMNS, find)


def article_id(text: str) -> str:
    """The name of an article in a table of rumour labels: the beginning of its SHA-1."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:_ID_LENGTH]


def _join(
    labels: Path, columns: Sequence[str], find: Callable[[Mapping[str, str], str], str]
) -> list[LabelledTexts]:
    pairs: list[LabelledTexts] = []
    with labels.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if set(reader.fieldnames or ()) != set(columns):
            raise ClaimnliError(
                f"{labels}: the columns are not {', '.join(columns)}",
                mend="Take the file as it is in the repository.",
            )
        for row in reader:
            try:
                pairs.append((find(row, "a"), find(row, "b"), row["label"]))
            except (LookupError, ValueError, TypeError) as error:
                raise ClaimnliError(
                    f"{labels}, line {reader.line_num}: no such sentence ({error})",
                    mend="data/README.md says how the table of articles is made.",
                ) from error
    return pairs
