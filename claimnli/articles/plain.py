"""Plain text: one file, one article."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from claimnli.articles.decoding import read_text
from claimnli.articles.interface import RawArticle
from claimnli.config import ArticlesConfig

MIN_HEADLINE_WORDS = 3
MAX_HEADLINE_CHARS = 150

_LINE = re.compile(r"[^\r\n]+")
_BYLINE = re.compile(r"by\s", re.IGNORECASE)
_CLOSED = re.compile(r"[.…:;,][\"'”’»)]*$")


def read_plain(path: Path, config: ArticlesConfig) -> Iterator[RawArticle]:
    """The whole file is the text; the first line is the title too if it looks like a headline."""
    text = read_text(path)
    yield RawArticle(text=text, title=headline(text))


def headline(text: str) -> str:
    """The first line of *text* if it is a headline, else the empty string.

    A headline has 3 words or more and 150 characters at most, no full stop, colon or comma at its
    end, is no by-line, and more text follows: after a blank line, or in a line half as long again
    (in hard-wrapped text the second line is about as long as the first).
    """
    lines = list(islice(_LINE.finditer(text), 16))
    filled = [line for line in lines if line.group().strip()][:2]
    if len(filled) < 2:
        return ""
    first, second = (line.group().strip() for line in filled)
    if len(first) > MAX_HEADLINE_CHARS or len(first.split()) < MIN_HEADLINE_WORDS:
        return ""
    if _CLOSED.search(first) or _BYLINE.match(first):
        return ""
    between = text[filled[0].end() : filled[1].start()].replace("\r\n", "\n").replace("\r", "\n")
    is_alone = between.count("\n") > 1
    return first if is_alone or len(second) >= 1.5 * len(first) else ""
