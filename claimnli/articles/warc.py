"""WARC files, as crawlers write them. Needs the extras html and warc."""

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from claimnli.articles.html_page import read_page
from claimnli.articles.interface import RawArticle, row_path, too_large
from claimnli.config import ArticlesConfig
from claimnli.errors import ClaimnliError
from claimnli.extras import require_extra
from claimnli.records import ReadFailure

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_CHUNK_BYTES = 1 << 16


def read_warc(path: Path, config: ArticlesConfig) -> Iterator[RawArticle | ReadFailure]:
    """One article for each HTML page fetched with success; other records are not looked at.

    The date of the crawl is not taken for that of the article.
    """
    require_extra("warc", "warcio", "trafilatura")
    limit = config.max_file_bytes
    with path.open("rb") as file:
        stream = _Unpacked(file) if path.name.lower().endswith(".gz") else file
        for row, record in _records(stream):
            if _is_page(record):
                url = record.rec_headers.get_header("WARC-Target-URI") or ""
                try:
                    yield read_page(_payload(record, limit), config, row=row, url=url)
                except ClaimnliError as error:
                    reason = f"{error.message} (the page {url})"
                    yield ReadFailure(path=row_path(path, row), reason=reason, mend=error.mend)


def _records(stream: "io.BufferedReader | _Unpacked") -> Iterator[tuple[int, Any]]:
    """The records, numbered from 1; ClaimnliError at the place where the file is damaged."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    row = 0
    try:
        for row, record in enumerate(ArchiveIterator(stream), 1):
            yield row, record
            has_length = record.rec_headers.get_header("Content-Length") is not None
            if not has_length or _is_cut_off(record):
                raise EOFError("the file ends within it")
    # warcio has an AttributeError for a header that is cut off before the URL.
    except (ArchiveLoadFailed, EOFError, AttributeError) as error:
        raise _damaged(row, error) from error
    if isinstance(stream, _Unpacked) and stream.error is not None:
        raise _damaged(row, stream.error)


def _payload(record: Any, limit: int) -> bytes:
    """The page in *record*; ClaimnliError if it is above *limit* bytes (0: none) or cut off."""
    # A few bytes of gzip can unpack to anything, so no more is read than needed to tell.
    page: bytes = record.content_stream().read(limit + 1 if limit else None)
    if limit and len(page) > limit:
        raise too_large(limit)
    if _is_cut_off(record):
        raise ClaimnliError("The file ends within it.", mend="Fetch or copy the file again.")
    return page


def _is_cut_off(record: Any) -> bool:
    """Whether the file ends before *record* does; reads what is left of it."""
    while record.raw_stream.read(_CHUNK_BYTES):
        pass
    return getattr(record.raw_stream, "limit", 0) > 0


def _is_page(record: Any) -> bool:
    if record.rec_type not in ("response", "resource"):
        return False
    headers = record.http_headers
    if record.rec_type == "response" and (headers is None or headers.get_statuscode() != "200"):
        return False
    kind = (headers or record.rec_headers).get_header("Content-Type") or ""
    return kind.split(";")[0].strip().lower() in _HTML_TYPES


def _damaged(n_records: int, error: Exception) -> ClaimnliError:
    return ClaimnliError(
        f"It is damaged at or after record {n_records:,} ({error}); what follows is not read.",
        mend="Fetch or copy the file again.",
    )


class _Unpacked:
    """gzip data up to where they are damaged, as a stream; *error* then says how.

    warcio's own unpacking refuses files packed as a whole, and takes damage for the file's end.
    """

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = gzip.GzipFile(fileobj=file)
        self.error: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            # Unlike read, read1 gives what was unpacked before the damage.
            return self._file.read1(size)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            self.error = error
            return b""

    def tell(self) -> int:
        return self._file.tell()
