"""HTML pages, saved or crawled. Needs the extra html."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from claimnli.articles.decoding import decode
from claimnli.articles.interface import RawArticle
from claimnli.config import ArticlesConfig
from claimnli.errors import ClaimnliError
from claimnli.extras import require_extra

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
_CHARSET_WINDOW = 4096

_TITLE_TAGS = ("og:title", "twitter:title", "dc.title")
_SOURCE_TAGS = ("og:site_name", "application-name", "dc.publisher")
_URL_TAGS = ("og:url",)
_DATE_TAGS = (
    "article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "pubdate",
    "publishdate",
    "dcterms.created",
    "dc.date.issued",
    "dc.date",
    "date",
)


def read_html(path: Path, config: ArticlesConfig) -> Iterator[RawArticle]:
    """One page, one article: its main text without menus, comments and advertisements."""
    require_extra("html", "trafilatura")
    yield read_page(path.read_bytes(), config, row=None)


def read_page(data: bytes, config: ArticlesConfig, *, row: int | None, url: str = "") -> RawArticle:
    """The article of one HTML page. Title, source and date are what its tags state, never guessed.

    Raises ClaimnliError if there is no article text in it, or if it is too large.
    """
    import lxml.html
    from trafilatura import bare_extraction

    if not data.strip():
        raise ClaimnliError("The page is empty.", mend="Fetch it again, or remove it.")
    declared = _CHARSET.search(data[:_CHARSET_WINDOW])
    page, _ = decode(data, declared[1].decode("ascii") if declared else None)
    try:
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
        tree = lxml.html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
        n_elements = sum(1 for _ in tree.iter())
        if 0 < config.max_page_elements < n_elements:
            raise ClaimnliError(
                f"The page has {n_elements:,} elements, more than {config.max_page_elements:,}.",
                mend="Save its text as .txt, or raise --max-page-elements (max_page_elements under "
                "[articles] in the config; 0 is no limit).",
            )
        tags = _page_tags(tree)
        title = _first(tags, _TITLE_TAGS) or _heading(tree)
        document = bare_extraction(tree, include_comments=False)
    except ClaimnliError:
        raise
    # On broken pages the two libraries let through whatever their code runs into.
    except Exception as error:
        raise ClaimnliError(
            f"It cannot be parsed as HTML ({type(error).__name__}: {error}).",
            mend="Save the page again, or as .txt.",
        ) from error
    text = getattr(document, "text", None)
    if not text:
        raise ClaimnliError(
            "No article text was found in the page.",
            mend="If there is an article in it, save its text as .txt; pages that scripts build "
            "must be saved from a browser.",
        )
    return RawArticle(
        text=text,
        title=title,
        source=_first(tags, _SOURCE_TAGS),
        url=url or _first(tags, _URL_TAGS),
        published=_first(tags, _DATE_TAGS),
        row=row,
    )


def _page_tags(tree: "HtmlElement") -> dict[str, str]:
    """What the page states of itself, by lower-case name; the first statement of a name counts."""
    tags: dict[str, str] = {}
    for node in tree.iter("meta"):
        name = node.get("property") or node.get("name") or node.get("itemprop") or ""
        tags.setdefault(name.strip().lower(), (node.get("content") or "").strip())
    for node in tree.iterfind(".//time[@itemprop='datePublished']"):
        tags.setdefault("datepublished", node.get("datetime") or "")
    for node in tree.iterfind(".//script[@type='application/ld+json']"):
        for thing in _linked_data(node.text or ""):
            for key, name in (("datePublished", "datepublished"), ("headline", "og:title")):
                if isinstance(value := thing.get(key), str):
                    tags.setdefault(name, value.strip())
            publisher = thing.get("publisher")
            if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
                tags.setdefault("og:site_name", publisher["name"].strip())
    for node in tree.iterfind(".//link[@rel='canonical']"):
        tags.setdefault("og:url", node.get("href") or "")
    return tags


def _linked_data(script: str) -> Iterator[dict[str, object]]:
    """The objects at the top of a JSON-LD script, those of its @graph too."""
    try:
        found = json.loads(script)
    except (ValueError, RecursionError):
        return
    for thing in found if isinstance(found, list) else [found]:
        if isinstance(thing, dict):
            yield thing
            graph = thing.get("@graph")
            yield from (t for t in graph if isinstance(t, dict)) if isinstance(graph, list) else ()


def _heading(tree: "HtmlElement") -> str:
    for name in ("h1", "title"):
        for node in tree.iter(name):
            if title := str(node.text_content()).strip():
                return title
    return ""


def _first(tags: dict[str, str], names: Iterable[str]) -> str:
    return next((tags[name] for name in names if tags.get(name)), "")
