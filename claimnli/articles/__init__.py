"""Reading of articles: one small reader a format, all behind the same function type."""

from claimnli.articles.collection import FORMATS, read_articles

__all__ = ["FORMATS", "read_articles"]
