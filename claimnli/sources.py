"""From what the user points at to articles, with the errors that come before a model is loaded."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from claimnli.articles import read_articles
from claimnli.config import ArticlesConfig
from claimnli.errors import ClaimnliError
from claimnli.progress import Progress
from claimnli.records import Article, ArticleCollection

ArticleSource = str | Path | Sequence[str | Path | Article] | ArticleCollection
"""Where articles come from: a path or several, or articles that are already read."""


def gather(
    source: ArticleSource,
    config: ArticlesConfig | None = None,
    *,
    min_articles: int = 1,
    progress: Progress | None = None,
) -> ArticleCollection:
    """Read the articles of *source*; those that are already read are only checked and counted.

    Of articles with the same id and text the first is kept; the others are told in
    ``duplicate_of``. Raises ClaimnliError if articles of one id differ, or if there are fewer than
    *min_articles*; it then says what was left out, and why.
    """
    if isinstance(source, ArticleCollection):
        collection = _each_once(source)
    else:
        entries = [source] if isinstance(source, str | Path) else source
        articles = tuple(entry for entry in entries if isinstance(entry, Article))
        paths = [Path(entry) for entry in entries if not isinstance(entry, Article)]
        if articles and paths:
            raise ClaimnliError("articles and paths are mixed", mend="Pass either, not both.")
        if articles:
            collection = _each_once(ArticleCollection(articles=articles))
        else:
            with (progress or Progress()).stage("read articles") as stage:
                collection = read_articles(paths, config or ArticlesConfig())
                stage.n_items = len(collection.articles)
    if len(collection.articles) < min_articles:
        raise _too_few(collection, min_articles)
    return collection


def _each_once(collection: ArticleCollection) -> ArticleCollection:
    kept: dict[str, Article] = {}
    duplicate_of = dict(collection.duplicate_of)
    for article in collection.articles:
        if article.article_id not in kept:
            kept[article.article_id] = article
            continue
        first = kept[article.article_id]
        if first.text != article.text:
            raise ClaimnliError(
                f"two different articles have the article_id '{article.article_id}': "
                f"'{first.title}' ({first.path}) and '{article.title}' ({article.path})",
                mend="Give each article an id of its own.",
            )
        duplicate_of[article.path] = first.path
    return replace(collection, articles=tuple(kept.values()), duplicate_of=duplicate_of)


_MAX_LINES = 6


def _too_few(collection: ArticleCollection, min_articles: int) -> ClaimnliError:
    n_found = len(collection.articles)
    only = f": {collection.articles[0].path}" if n_found == 1 else ""
    noun = "article" if n_found == 1 else "articles"
    duplicates = collection.duplicate_of.items()
    lines = [f"{n_found} {noun} found, where {min_articles} are needed{only}"]
    lines += [f"  {path}: left out, as its text is that of {kept}" for path, kept in duplicates]
    lines += [f"  {f.path}: {f.reason} {f.mend}" for f in collection.failures]
    if len(lines) > _MAX_LINES:
        lines[_MAX_LINES:] = [f"  and {len(lines) - _MAX_LINES:,} more that were left out"]
    return ClaimnliError("\n".join(lines), mend="Add articles on the same events.")
