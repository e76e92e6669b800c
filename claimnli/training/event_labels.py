"""Labels of pairs of ECB+ sentences, kept without the sentences: data/event_labels.

The sentences belong to the corpus, so that a label names them by event, article and line, and is
put together with the table of articles where somebody has it.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from claimnli.errors import ClaimnliError
from claimnli.training.events import detokenise

_COLUMNS = ("event", "article_a", "line_a", "article_b", "line_b", "label")


def join_event_labels(
    labels: Path, articles: Sequence[Mapping[str, Any]]
) -> list[tuple[str, str, str]]:
    """Premise, hypothesis and label of every row of the .csv file *labels*, in its order.

    *articles*: rows with ``event``, ``article`` and ``sentences`` (a tokenised sentence a line);
    lines count from 0. Raises ClaimnliError, naming the line of *labels*, for a sentence that is
    not there.
    """
    lines = {
        (row["event"], row["article"], number): detokenise(line)
        for row in articles
        for number, line in enumerate(row["sentences"].split("\n"))
    }
    pairs: list[tuple[str, str, str]] = []
    with labels.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if set(reader.fieldnames or ()) != set(_COLUMNS):
            raise ClaimnliError(
                f"{labels}: the columns are not {', '.join(_COLUMNS)}",
                mend="Take the file as it is in the repository.",
            )
        for row in reader:
            try:
                a, b = (
                    lines[row["event"], row[f"article_{side}"], int(row[f"line_{side}"])]
                    for side in "ab"
                )
            except (LookupError, ValueError, TypeError) as error:
                raise ClaimnliError(
                    f"{labels}, line {reader.line_num}: no such sentence ({error})",
                    mend="data/README.md says how the table of articles is made.",
                ) from error
            pairs.append((a, b, row["label"]))
    return pairs
