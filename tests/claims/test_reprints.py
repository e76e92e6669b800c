import time

from claimnli.claims import extract_claims, find_reprints
from claimnli.config import ClaimsConfig
from claimnli.records import Article
from tests.claims.conftest import MakeArticle

STORY = [f"The army of the country took town number {i} today." for i in range(10)]


def origins(*articles: Article, overlap: float = 0.8) -> dict[str, str]:
    config = ClaimsConfig(reprint_overlap=overlap)
    return find_reprints(articles, extract_claims(articles, config).claims, config)


def test_a_reprint_leads_to_the_first_and_a_chain_to_its_origin(make_article: MakeArticle) -> None:
    a = make_article("\n".join(STORY), "a")
    b = make_article("\n".join([s.upper() for s in STORY[:9]] + ["Kyiv denied it all."]), "b")
    c = make_article("\n".join(STORY[1:9]), "c")
    assert origins(a, b, c) == {"a": "a", "b": "a", "c": "a"}


def test_less_than_the_share_is_no_reprint(make_article: MakeArticle) -> None:
    new = [f"Something else happened in town number {i} too." for i in range(3)]
    a = make_article("\n".join(STORY), "a")
    b = make_article("\n".join(STORY[:7] + new), "b")
    assert origins(a, b) == {"a": "a", "b": "b"}
    assert origins(a, b, overlap=0.7) == {"a": "a", "b": "a"}


def test_the_earliest_published_is_the_origin(make_article: MakeArticle) -> None:
    text = "\n".join(STORY)
    undated = make_article(text, "undated")
    late = make_article(text, "late", "2025-04-27T09:00:00+02:00")
    early = make_article(text, "early", "2025-04-27T06:59:00Z")
    assert set(origins(undated, late, early).values()) == {"early"}
    odd = make_article(text, "odd", "yesterday")
    assert set(origins(undated, odd).values()) == {"undated"}


def test_it_can_be_switched_off(make_article: MakeArticle) -> None:
    a, b = make_article(STORY[0], "a"), make_article(STORY[0], "b")
    assert origins(a, b, overlap=1.1) == {"a": "a", "b": "b"}


def test_an_article_without_claims_reprints_none(make_article: MakeArticle) -> None:
    assert origins(make_article("", "a"), make_article("", "b")) == {"a": "a", "b": "b"}


def test_many_reprints_take_no_quadratic_time(make_article: MakeArticle) -> None:
    def seconds(n: int) -> float:
        articles = [make_article("\n".join(STORY), str(i)) for i in range(n)]
        config = ClaimsConfig()
        claims = extract_claims(articles, config).claims
        started = time.process_time()
        find_reprints(articles, claims, config)
        return time.process_time() - started

    seconds(10)
    assert seconds(500) < 40 * max(seconds(50), 0.002)
