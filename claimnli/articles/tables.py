"""Tables, one article a row: CSV and Parquet."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from claimnli.articles.decoding import read_text
from claimnli.articles.fields import no_text_column, raw_article
from claimnli.articles.interface import RawArticle, row_path
from claimnli.config import ArticlesConfig
from claimnli.errors import ClaimnliError
from claimnli.records import ReadFailure

if TYPE_CHECKING:
    import pyarrow as pa

_DELIMITERS = (",", ";", "\t", "|")
# csv keeps its limit in a C long, which has 32 bits on Windows.
_MAX_FIELD_CHARS = 2**31 - 1
_BATCH_ROWS = 1024


def read_csv(path: Path, config: ArticlesConfig) -> Iterator[RawArticle | ReadFailure]:
    """A header line, then one article a row; the delimiter is found in the header line.

    A row with more fields than the header is a failure. After a quotation mark out of place the
    rest of the file cannot be told apart into rows: it is left out, and a failure says from where.
    """
    # The limit of 131,072 characters is one of the process; it is only ever raised here.
    csv.field_size_limit(max(csv.field_size_limit(), _MAX_FIELD_CHARS))
    text = read_text(path)
    delimiter = _delimiter(text, config)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 0
    line = 1
    try:
        header = [name.strip() for name in next(rows, [])]
        if config.text_column not in header:
            raise no_text_column(header, config)
        line = rows.line_num + 1
        for cells in rows:
            if cells:
                row += 1
                if len(cells) > len(header):
                    yield _too_many_cells(path, row, line, len(cells), len(header))
                else:
                    yield raw_article(dict(zip(header, cells, strict=False)), config, row=row)
            line = rows.line_num + 1
    except csv.Error as error:
        yield ReadFailure(
            path=row_path(path, row + 1),
            reason=f"The row that begins in line {line:,} is not valid CSV ({error}); it and the "
            "rows after it are not read.",
            mend='Put fields with quotation marks or newlines in "...", each " inside doubled.',
        )


def _delimiter(text: str, config: ArticlesConfig) -> str:
    """The one that finds the text column in the first line, else the one with most columns."""
    end = text.find("\n")
    line = text if end < 0 else text[:end]

    def fit(delimiter: str) -> tuple[bool, int]:
        names = [name.strip().strip('"') for name in line.split(delimiter)]
        return config.text_column in names, len(names)

    return max(_DELIMITERS, key=fit)


def _too_many_cells(path: Path, row: int, line: int, n_cells: int, n_columns: int) -> ReadFailure:
    return ReadFailure(
        path=row_path(path, row),
        reason=f"The row in line {line:,} has {n_cells} fields, but the header names {n_columns}.",
        mend='Put fields that hold the delimiter in quotation marks ("...").',
    )


def read_parquet(path: Path, config: ArticlesConfig) -> Iterator[RawArticle | ReadFailure]:
    """One article a row; only the columns of *config* are read, a batch of rows at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = (
        config.text_column,
        config.title_column,
        config.source_column,
        config.url_column,
        config.published_column,
    )
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            if config.text_column not in schema.names:
                raise no_text_column(schema.names, config)
            row = 0
            columns = [name for name in wanted if name in schema.names]
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=columns):
                cells = dict(zip(batch.schema.names, map(_cells, batch.columns), strict=True))
                for i in range(batch.num_rows):
                    row += 1
                    yield raw_article({name: cells[name][i] for name in cells}, config, row=row)
    # Python's own errors are those of dates outside the years 1 to 9999.
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise ClaimnliError(
            f"It is not a readable Parquet file ({str(error).partition(chr(10))[0]}).",
            mend="Write it again, or check that it was copied completely.",
        ) from error


def _cells(column: "pa.Array") -> list[object]:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        # Python's datetime has no nanoseconds.
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    cells: list[object] = column.to_pylist()
    return cells
