"""The comparison as one self-contained HTML page.

The page loads nothing: its content security policy allows its own style and script, by their hash,
and no request at all. It can be read without the script, which only filters and unfolds.
"""

import base64
import hashlib
import re
from functools import cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from claimnli.comparison import Comparison
from claimnli.report import grid, wording
from claimnli.report.files import replacing
from claimnli.report.page import PageBuilder, PageLimits
from claimnli.report.summary import n_origins


def write_html(comparison: Comparison, path: Path, limits: PageLimits | None = None) -> None:
    """Write the page to *path*. Raises ClaimnliError, which names *path*, if that fails."""
    page = render_html(comparison, limits)
    with replacing(path) as temporary:
        # Half a surrogate pair becomes a character reference, which a browser shows as U+FFFD.
        temporary.write_text(page, encoding="utf-8", errors="xmlcharrefreplace", newline="\n")


def render_html(comparison: Comparison, limits: PageLimits | None = None) -> str:
    """The page as a string; *limits* says how much of a large comparison it holds."""
    limits = limits or PageLimits()
    builder = PageBuilder(comparison, limits)
    has_matrix_table = len(comparison.articles) <= limits.max_matrix_articles
    matrix = comparison.matrix
    article_pairs = grid.strongest_first(grid.related_pairs(matrix))
    texts = builder.texts()
    style, script = _asset("report.css"), _asset("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            {
                "comparison": comparison,
                "limits": limits,
                "wording": wording,
                "n_origins": n_origins(comparison),
                "articles": list(builder.articles.values()),
                "matrix_articles": [builder.articles[name] for name in matrix.article_ids],
                "disputes": builder.disputes,
                "facts": builder.facts,
                "texts": texts,
                "shown_numbers": {text.article.number for text in texts},
                "is_excerpt": builder.is_excerpt,
                "matrix_rows": list(grid.rows(matrix)) if has_matrix_table else [],
                "article_pairs": [] if has_matrix_table else article_pairs[: limits.max_listed],
                "n_article_pairs": len(article_pairs),
                "style": style,
                "script": script,
                "policy": f"default-src 'none'; style-src {_hash(style)}; "
                f"script-src {_hash(script)}; base-uri 'none'; form-action 'none'",
            }
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("claimnli.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["web_address"] = _web_address
    return environment


def _web_address(url: str | None) -> str:
    """*url* if it leads to a web page, else nothing: ``javascript:`` begins a URL too."""
    return url if url and re.match(r"https?://[^\s]+$", url, re.IGNORECASE) else ""


def _asset(name: str) -> Markup:
    return Markup(resources.files("claimnli.report").joinpath(name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
