"""From paths to a collection: which files are articles, in which order, and which are the same."""

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from claimnli.articles.fields import host, iso_date
from claimnli.articles.html_page import read_html
from claimnli.articles.interface import RawArticle, Reader, row_path, too_large
from claimnli.articles.json_records import read_json, read_jsonl
from claimnli.articles.markdown import read_markdown
from claimnli.articles.plain import read_plain
from claimnli.articles.tables import read_csv, read_parquet
from claimnli.articles.warc import read_warc
from claimnli.config import ArticlesConfig
from claimnli.errors import ClaimnliError
from claimnli.records import Article, ArticleCollection, ReadFailure

FORMATS: Mapping[str, Reader] = {
    ".txt": read_plain,
    ".md": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".warc": read_warc,
    ".warc.gz": read_warc,
}
"""File name ending, in lower case -> reader."""

# Formats that articles come in but that are not read: in a folder they are reported, whereas other
# unknown files (images, scripts) are passed over.
_DOCUMENTS = frozenset(
    f".{name}"
    for name in (
        *("pdf", "doc", "docx", "odt", "rtf", "epub", "pages", "eml", "mhtml", "xml", "rss"),
        *("xls", "xlsx", "ods", "tsv", "ndjson", "zip", "gz", "7z", "tar", "rar"),
    )
)
# In small letters only the bare name: license-plate-thefts.txt is an article.
_ABOUT_THE_FOLDER = re.compile(r"(README|LICEN[SC]E).*|(?i:readme|licen[sc]e)(\.[^.]*)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ID_DIGITS = 16
_MAX_FAILURES_SHOWN = 5
_MAX_PATH_SHOWN = 200
_DEFAULT_CONFIG = ArticlesConfig()


def read_articles(
    paths: str | Path | Sequence[str | Path], config: ArticlesConfig = _DEFAULT_CONFIG
) -> ArticleCollection:
    """Read the articles of files and folders.

    A folder is read with its subfolders (links to folders are not followed). Hidden files,
    README and LICENSE files, and files that are no documents are passed over there, while a file
    that is named is read whatever it is called; one without an ending is read as plain text. The
    articles are ordered by path, then by row; ids depend on the text alone. An article whose text
    is that of an earlier one, but for white space, is left out and told in ``duplicate_of``.

    What cannot be read is told in ``failures``, and the rest is read. Raises ClaimnliError if a
    path does not exist or if there is no article at all.
    """
    given = [Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)]
    for path in given:
        # Path.exists raises for a name that is too long, such as the text of an article.
        if not os.path.exists(path):  # noqa: PTH110
            raise ClaimnliError(
                f"{str(path)[:_MAX_PATH_SHOWN]}: there is no such file or folder.",
                mend=f"Check the spelling, and that it is relative to {Path.cwd()}.",
            )
    articles: dict[str, Article] = {}
    failures: list[ReadFailure] = []
    duplicate_of: dict[str, str] = {}
    for path in _files(given, failures):
        for raw in _read_file(path, config):
            article = raw if isinstance(raw, ReadFailure) else _article(raw, path)
            if isinstance(article, ReadFailure):
                failures.append(article)
            elif article.article_id in articles:
                duplicate_of[article.path] = articles[article.article_id].path
            else:
                articles[article.article_id] = article
    if not articles:
        raise _no_article(given, failures)
    return ArticleCollection(
        articles=tuple(articles.values()), failures=tuple(failures), duplicate_of=duplicate_of
    )


def _files(given: Sequence[Path], failures: list[ReadFailure]) -> list[Path]:
    """The files to read, each once, in order; folders that cannot be listed go to *failures*."""

    def unlistable(error: OSError) -> None:
        failures.append(_unreadable(Path(error.filename), error))

    found: dict[str, Path] = {}
    for path in given:
        if path.is_dir():
            for folder, subfolders, names in os.walk(path, onerror=unlistable):
                subfolders[:] = [name for name in subfolders if not name.startswith(".")]
                for file in (Path(folder, name) for name in names if _is_wanted(name)):
                    found.setdefault(os.path.realpath(file), file)
        else:
            found.setdefault(os.path.realpath(path), path)
    return sorted(found.values(), key=lambda file: file.parts)


def _is_wanted(name: str) -> bool:
    """Whether a file of a folder is read, or reported if there is no reader for it."""
    if name.startswith(".") or _ABOUT_THE_FOLDER.fullmatch(name):
        return False
    ending = _ending(name)
    return ending in FORMATS or ending in _DOCUMENTS


def _ending(name: str) -> str:
    name = name.lower()
    return ".warc.gz" if name.endswith(".warc.gz") else Path(name).suffix


def _read_file(path: Path, config: ArticlesConfig) -> Iterator[RawArticle | ReadFailure]:
    ending = _ending(path.name)
    reader = FORMATS.get(ending or ".txt")
    if reader is None:
        mend = f"Save it in a format that is read: {_formats()}."
        yield ReadFailure(path=str(path), reason=f"{ending} files are not read.", mend=mend)
        return
    try:
        if 0 < config.max_file_bytes < path.stat().st_size:
            raise too_large(config.max_file_bytes)
        n_records = 0
        for record in reader(path, config):
            n_records += 1
            yield record
        if not n_records:
            raise ClaimnliError("It holds no article.", mend="Remove it, or check what wrote it.")
    except ClaimnliError as error:
        yield ReadFailure(path=str(path), reason=error.message, mend=error.mend)
    except OSError as error:
        yield _unreadable(path, error)


def _article(raw: RawArticle, path: Path) -> Article | ReadFailure:
    place = row_path(path, raw.row)
    # Half a character, as broken JSON escapes leave it, cannot be written to any file; the same
    # number of characters keeps offsets.
    text = _SURROGATE.sub("\ufffd", raw.text).replace("\r\n", "\n").replace("\r", "\n")
    content = " ".join(unicodedata.normalize("NFC", text).split())
    if not content:
        return ReadFailure(
            path=place,
            reason="Its text is empty, or is something else than text.",
            mend="Remove it, or give it a text.",
        )
    url = _one_line(raw.url)
    stem = path.name[: len(path.name) - len(_ending(path.name))]
    return Article(
        article_id=hashlib.sha256(content.encode()).hexdigest()[:_ID_DIGITS],
        text=text,
        title=_one_line(raw.title),
        source=_one_line(raw.source) or host(url) or stem,
        path=place,
        url=url or None,
        published=iso_date(raw.published),
    )


def _one_line(field: str) -> str:
    return " ".join(_SURROGATE.sub("\ufffd", field).split())


def _unreadable(path: Path, error: OSError) -> ReadFailure:
    reason = f"It cannot be opened ({error.strerror or error})."
    return ReadFailure(
        path=str(path), reason=reason, mend="Check that it exists and its permissions."
    )


def _no_article(given: Sequence[Path], failures: Sequence[ReadFailure]) -> ClaimnliError:
    message = f"{', '.join(map(str, given)) or 'no path'}: no article was found."
    lines = [f"  {f.path}: {f.reason} {f.mend}" for f in failures[:_MAX_FAILURES_SHOWN]]
    if len(failures) > len(lines):
        lines.append(f"  and {len(failures) - len(lines):,} more that could not be read")
    return ClaimnliError("\n".join([message, *lines]), mend=f"Formats that are read: {_formats()}.")


def _formats() -> str:
    return ", ".join(FORMATS)
