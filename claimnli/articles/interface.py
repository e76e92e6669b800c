"""What a reader of one format is: a function from a file to its articles, in their order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from claimnli.config import ArticlesConfig
from claimnli.errors import ClaimnliError
from claimnli.records import ReadFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """An article as its file has it; collection.py makes an Article of it.

    Fields that the file does not give are empty.
    """

    text: str
    title: str = ""
    source: str = ""
    url: str = ""
    published: str = ""
    row: int | None = None
    """Its place in a file of many, None if the file is one article. It counts from 1: the line of a
    .jsonl, the record of a list, a table (without the header) or a WARC file."""


Reader = Callable[[Path, ArticlesConfig], Iterator[RawArticle | ReadFailure]]
"""Reads one file. It yields a ReadFailure for a record that cannot be read and goes on; it raises
ClaimnliError, or OSError, if the whole file cannot be read (the caller knows the path)."""


def row_path(path: Path, row: int | None) -> str:
    """How records and failures name a place: the path, with ``#row`` in a file of many."""
    return str(path) if row is None else f"{path}#{row}"


def too_large(limit: int) -> ClaimnliError:
    """The error for a file, or a page in an archive, of more than *limit* bytes."""
    return ClaimnliError(
        f"It is larger than {limit:,} bytes.",
        mend="Raise --max-file-bytes (max_file_bytes under [articles] in the config; 0 is no "
        "limit), or split it.",
    )
