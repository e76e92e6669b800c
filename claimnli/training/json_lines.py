"""Files of which each line describes many labelled pairs."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from claimnli.errors import ClaimnliError


def read_pairs(
    path: Path,
    pairs_of: Callable[[Any], Iterable[tuple[str, ...]]],
    columns: tuple[str, ...],
    *,
    form: str,
) -> dict[str, list[str]]:
    """The rows that *pairs_of* makes of each line, by column.

    Raises ClaimnliError, which names the line, where it is no JSON or *pairs_of* refuses it; *form*
    says what a line should be.
    """
    rows: list[tuple[str, ...]] = []
    n_read = 0
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                rows += pairs_of(json.loads(line))
                n_read += 1
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ClaimnliError(
            f"{path}, line {n_read + 1}: not {form} ({error})",
            mend="data/clusters/README.md and data/contrast_sets/README.md show the forms.",
        ) from error
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return {name: list(column) for name, column in zip(columns, values, strict=True)}
