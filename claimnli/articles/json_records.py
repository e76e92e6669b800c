"""JSON: one object, a list of objects, or one object a line."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from claimnli.articles.decoding import read_text
from claimnli.articles.fields import no_text_column, raw_article
from claimnli.articles.interface import RawArticle, row_path
from claimnli.config import ArticlesConfig
from claimnli.errors import ClaimnliError
from claimnli.records import ReadFailure

_Parsed = tuple[int | None, object]


def read_json(path: Path, config: ArticlesConfig) -> Iterator[RawArticle | ReadFailure]:
    """An object or a list of objects; one object a line is read as such too."""
    text = read_text(path)
    try:
        parsed = _parse(text)
    except ClaimnliError:
        if not _begins_with_an_object_line(text):
            raise
        yield from _read_lines(text, path, config)
        return
    if isinstance(parsed, list):
        yield from _articles(list(enumerate(parsed, 1)), path, config)
    else:
        yield from _articles([(None, parsed)], path, config)


def read_jsonl(path: Path, config: ArticlesConfig) -> Iterator[RawArticle | ReadFailure]:
    """One object a line; a line that is not JSON is a failure, and the others are read."""
    yield from _read_lines(read_text(path), path, config)


def _read_lines(
    text: str, path: Path, config: ArticlesConfig
) -> Iterator[RawArticle | ReadFailure]:
    parsed: list[_Parsed] = []
    # Not splitlines(): JSON strings may hold U+2028 and the like.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            parsed.append((number, _parse(line)))
        except ClaimnliError as error:
            yield ReadFailure(path=row_path(path, number), reason=error.message, mend=error.mend)
    yield from _articles(parsed, path, config)


def _articles(
    parsed: Sequence[_Parsed], path: Path, config: ArticlesConfig
) -> Iterator[RawArticle | ReadFailure]:
    records = [value for _, value in parsed if isinstance(value, dict)]
    if records and not any(config.text_column in record for record in records):
        # Once for the file, not once a record.
        raise no_text_column(records[0], config)
    for row, value in parsed:
        if isinstance(value, dict):
            yield raw_article(value, config, row=row)
        else:
            yield ReadFailure(
                path=row_path(path, row),
                reason=f"It is a JSON {_KINDS.get(type(value), 'value')}, not an object.",
                mend=f'Write each article as an object: {{"{config.text_column}": "..."}}.',
            )


_KINDS = {str: "string", list: "list", int: "number", float: "number"}


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"column {error.colno:,}"
        if "\n" in text:
            place = f"line {error.lineno:,}, {place}"
        raise ClaimnliError(
            f"It is not valid JSON at {place}: {error.msg}.",
            mend="Write it again with a JSON library, or repair the place by hand.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise ClaimnliError(
            f"It is JSON that no article needs: {error}.", mend="Check what wrote this file."
        ) from error


def _begins_with_an_object_line(text: str) -> bool:
    line = next((line for line in text.split("\n") if line.strip()), "")
    try:
        return isinstance(_parse(line), dict)
    except ClaimnliError:
        return False
