from collections.abc import Callable

import pytest

from claimnli.records import Article

MakeArticle = Callable[..., Article]


@pytest.fixture
def make_article() -> MakeArticle:
    def make(text: str, article_id: str = "a", published: str | None = None) -> Article:
        return Article(
            article_id=article_id,
            text=text,
            title="",
            source="test",
            path=f"{article_id}.txt",
            published=published,
        )

    return make
