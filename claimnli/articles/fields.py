"""The fields of an article in their common form: title, source, date, and keys of a record."""

import re
import time
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from claimnli.articles.interface import RawArticle
from claimnli.config import ArticlesConfig
from claimnli.errors import ClaimnliError

# RFC 5322 as feeds write it; the time is asked for, since the parser would else invent midnight.
_FEED_DATE = re.compile(r"(?:\w{3}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}")
_WRITTEN_DATES = ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y")


def raw_article(
    record: Mapping[str, object], config: ArticlesConfig, *, row: int | None
) -> RawArticle:
    """The article in *record*, whose keys are those of *config*; a value that is no text is left
    out, and so is a date that is a number, since nobody says of what unit."""

    def value(key: str) -> str:
        found = record.get(key)
        if isinstance(found, date):
            return found.isoformat()
        return found if isinstance(found, str) else ""

    return RawArticle(
        text=value(config.text_column),
        title=value(config.title_column),
        source=value(config.source_column),
        url=value(config.url_column),
        published=value(config.published_column),
        row=row,
    )


def no_text_column(names: Iterable[str], config: ArticlesConfig) -> ClaimnliError:
    """The error for a file whose records have no text under the configured name."""
    there = ", ".join(repr(name) for name in names) or "none"
    return ClaimnliError(
        f"It has no column {config.text_column!r}; its columns are: {there}.",
        mend="Name the one with the article's text: --text-column NAME, or text_column under "
        "[articles] in the config.",
    )


def host(url: str) -> str:
    """The host of *url* without ``www.``; empty if it has none."""
    try:
        name = urlsplit(url if "://" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return name.removeprefix("www.") if "." in name else ""


def iso_date(written: str) -> str | None:
    """*written* in ISO 8601, as a date if it has no time of day; None if it is not understood.

    Understood are ISO 8601, the dates of feeds ("Sat, 26 Apr 2025 10:00:00 GMT") and English ones
    ("26 April 2025", "Apr 26, 2025"). "04/05/2025" is not: it has two readings.
    """
    written = " ".join(written.split())
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(written).isoformat()
    except ValueError:
        pass
    if _FEED_DATE.match(written):
        try:
            return parsedate_to_datetime(written).isoformat()
        except ValueError:
            return None
    for form in _WRITTEN_DATES:
        try:
            return date(*time.strptime(written, form)[:3]).isoformat()
        except ValueError:
            continue
    return None
