"""Markdown: the words without the marks, the first heading as title."""

import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from claimnli.articles.decoding import read_text
from claimnli.articles.fields import raw_article
from claimnli.articles.interface import RawArticle
from claimnli.articles.plain import headline
from claimnli.config import ArticlesConfig

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(
    r"\s*---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL
)
_FRONT_MATTER_LINE = re.compile(r"^(\w+):[ \t]*(\S.*?)[ \t]*\r?$", re.MULTILINE)
_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", re.DOTALL)


def read_markdown(path: Path, config: ArticlesConfig) -> Iterator[RawArticle]:
    """One file, one article: a paragraph, list item, heading or table cell of the source is a
    paragraph of the text. Title, source, url and date come from the front matter if it has them.
    """
    source = read_text(path)
    fields: dict[str, object] = {}
    if front := _FRONT_MATTER.match(source):
        source = source[front.end() :]
        for name, value in _FRONT_MATTER_LINE.findall(front[1]):
            fields[name] = value.strip("\"'")
        fields.setdefault(config.published_column, fields.get("date"))
    blocks = list(_blocks(source))
    fields[config.text_column] = text = "\n\n".join(block for _, block in blocks)
    if not fields.get(config.title_column):
        headings = (block for is_heading, block in blocks if is_heading)
        fields[config.title_column] = next(headings, None) or headline(text)
    yield raw_article(fields, config, row=None)


def _blocks(source: str) -> Iterator[tuple[bool, str]]:
    """The blocks of text in *source*, each with whether it is a heading; none is empty."""
    from markdown_it import MarkdownIt

    # Pasted articles are often indented: without the rule "code" such a paragraph stays prose.
    parser = MarkdownIt("commonmark").enable("table").disable("code")
    is_heading = False
    for token in parser.parse(source):
        if token.type in ("heading_open", "heading_close"):
            is_heading = token.nesting == 1
        elif token.type == "inline":
            if block := _inline_text(token.children or ()).strip():
                yield is_heading, block
        elif token.type in ("fence", "html_block"):
            content = token.content
            if token.type == "html_block":
                content = html.unescape(_TAG.sub("", content))
            if content.strip():
                yield False, content.strip()


def _inline_text(children: Iterable["Token"]) -> str:
    parts: list[str] = []
    for token in children:
        if token.type == "softbreak":
            parts.append(" ")
        elif token.type == "hardbreak":
            parts.append("\n")
        elif token.type not in ("image", "html_inline"):
            parts.append(token.content)
    return "".join(parts)
