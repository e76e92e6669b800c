"""The page: everything escaped, nothing loaded, every link lands, every number told."""

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from claimnli.comparison import Comparison, RelationMatrix
from claimnli.report.html import render_html
from claimnli.report.page import PageLimits

VOID = {"meta", "input", "wbr", "br"}


class Page(HTMLParser):
    """What a browser would find: tags, ids, links, the words of each element with an id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(html)
        assert not self._open, "every tag is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += attrs
        values = dict(attrs)
        anchor = values.get("id") or ""
        self.ids.update([anchor] if anchor else [])
        self.links += [values["href"] or ""] if "href" in values else []
        if tag not in VOID:
            self._open.append((tag, anchor))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, anchor in {*self._open, ("", "")}:
            self.words[anchor] = self.words.get(anchor, "") + data


@pytest.fixture
def html(comparison: Comparison) -> str:
    return render_html(comparison)


@pytest.fixture
def page(html: str) -> Page:
    return Page(html)


def test_texts_of_articles_are_never_markup(html: str, page: Page) -> None:
    assert page.tags["script"] == page.tags["style"] == 1
    assert page.tags["b"] == page.tags["i"] == page.tags["iframe"] == 0
    assert "<script>alert" not in html
    assert "{{ 7 * 7 }}" in page.words[""]
    assert "It rained <script>alert(1)</script> for days" in page.words[""]
    assert not [name for name, _ in page.attributes if name.startswith("on")]


def test_nothing_is_loaded(html: str, page: Page) -> None:
    assert not {"img", "link", "object", "video", "base"} & set(page.tags)
    assert not [value for name, value in page.attributes if name in {"src", "srcset", "action"}]
    assert "@import" not in html
    assert "url(" not in html
    policy = next(v for n, v in page.attributes if n == "content" and "default-src" in (v or ""))
    assert policy
    assert policy.startswith("default-src 'none'")
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_every_link_lands_and_every_id_is_there_once(page: Page) -> None:
    assert set(page.ids.values()) == {1}
    inner = {link[1:] for link in page.links if link.startswith("#")}
    assert inner <= set(page.ids)
    assert {link for link in page.links if not link.startswith("#")} == {
        "https://gazette.invalid/flood",
        "https://reprint.invalid/flood",
        "https://مرصد.invalid/flood",
    }, "javascript: is no link"


def test_a_quote_links_to_its_place_in_the_text(comparison: Comparison, page: Page) -> None:
    marked = {page.words[anchor] for anchor in page.ids if re.fullmatch(r"claim-\d+", anchor)}
    assert marked == {claim.text for claim in comparison.claims}


def test_a_dispute_shows_the_strongest_quotes_and_the_dates(page: Page) -> None:
    words = " ".join(page.words["dispute-1"].split())
    left, right = words.index("two hundred people left"), words.index("قال مجلس المياه")
    assert left < right < words.index("Nobody had to leave"), "the strongest pair comes first"
    assert "contradiction, 97 % sure" in words
    assert "May be an update" in words
    assert "A: 4 March 2031; B: 5 March 2031" in words
    assert "Mayor Ines Roth" in words
    assert "paragraph 2" in words


def test_a_statement_that_agrees_with_both_sides_is_shown(comparison: Comparison) -> None:
    dispute = replace(comparison.disputes[0], both_sides=comparison.facts[0].claims[:2])
    html = render_html(replace(comparison, disputes=(dispute,)), PageLimits(max_quotes=1))
    page = Page(html)
    words = " ".join(page.words["dispute-1"].split())
    assert "2 statements that agree with both sides" in words
    assert "The Arve broke its bank at Sallen on Monday." in words
    assert "1 further quote in summary.json" in words
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


def test_a_fact_counts_articles_and_origins(page: Page) -> None:
    words = " ".join(page.words["fact-1"].split())
    assert "4 of 4 articles 3 independent origins" in words
    assert "3 more quotes" in words


def test_what_was_left_out_is_told(page: Page) -> None:
    words = page.words["left-out"]
    assert "news/<b>.csv" in words
    assert "Name one." in words
    assert "news/copy.txt has the text of news/wire.txt" in words
    assert "1 sentence: by-line" in words
    assert "1,234 pairs of statements: too unlike each other" in words


def test_every_word_of_every_article_is_there(comparison: Comparison, page: Page) -> None:
    for number, article in enumerate(comparison.articles, 1):
        shown = page.words[f"article-{number}"]
        assert [word for word in article.text.split() if word not in shown] == []


def test_an_incomplete_run_is_told_at_the_top(comparison: Comparison) -> None:
    html = render_html(replace(comparison, is_complete=False))
    assert html.index("This comparison is not complete.") < html.index("<h1>")
    assert "not complete" not in render_html(comparison)


def test_scores_are_not_called_sure_without_calibration(comparison: Comparison) -> None:
    model = replace(comparison.model, is_calibrated=False)
    words = Page(render_html(replace(comparison, model=model))).words[""]
    assert "model score 0.97" in words
    assert "% sure" not in words
    assert "The model is not calibrated" in words


def test_articles_with_nothing_in_common(empty_comparison: Comparison) -> None:
    words = Page(render_html(empty_comparison)).words[""]
    assert "No two statements were found that contradict each other." in words
    assert "No statement was found that two articles share." in words
    assert "Nothing was left out." in words


def test_long_articles_are_shown_around_their_claims(comparison: Comparison) -> None:
    padding = "Filler without a claim. " * 200
    gazette = comparison.articles[0]
    article = replace(gazette, text=gazette.text + " " + padding + "\n" + padding)
    html = render_html(
        replace(comparison, articles=(article, *comparison.articles[1:])),
        PageLimits(max_text_characters=5_000, n_context_characters=20),
    )
    words = Page(html).words[""]
    assert "too long to be shown whole" in words
    assert "The Arve broke its bank at Sallen on Monday." in words
    assert words.count("Filler") == 0
    n_characters = len(article.text) - article.text.index("\nBy Tom")
    assert f"{n_characters - 2:,} characters left out" in words


def test_an_excerpt_has_no_link_to_an_article_that_is_not_shown(comparison: Comparison) -> None:
    html = render_html(comparison, PageLimits(max_text_characters=0, max_facts=0))
    page = Page(html)
    assert "1 article without any is left out" in " ".join(page.words["texts"].split())
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


def test_limits_are_counted_on_the_page(comparison: Comparison) -> None:
    html = render_html(
        comparison, PageLimits(max_disputes=0, max_facts=0, max_listed=1, max_matrix_articles=3)
    )
    page = Page(html)
    assert "1 further dispute" in page.words["disputes"]
    assert "1 further shared statement" in page.words["agreements"]
    assert "3 further articles in summary.json" in page.words[""]
    assert page.words["matrix"].count("Flood in Sallen") == 2, "the one pair of articles listed"


def test_folded_quotes_are_limited_and_counted(comparison: Comparison) -> None:
    page = Page(render_html(comparison, PageLimits(max_quotes=1)))
    assert "3 more quotes" in page.words["fact-1"]
    assert "2 further quotes in the tables" in page.words["fact-1"]


def test_the_matrix_shows_both_counts(comparison: Comparison) -> None:
    counts = np.array([[0, 3], [3, 0]], np.int32)
    matrix = RelationMatrix(
        article_ids=("gazette", "wire"), n_agreements=counts * 7, n_contradictions=counts
    )
    words = " ".join(Page(render_html(replace(comparison, matrix=matrix))).words["matrix"].split())
    assert words.count("agree: 21, contradict: 3") == 2


def test_half_a_surrogate_pair_can_be_written(comparison: Comparison, tmp_path: Path) -> None:
    gazette = comparison.articles[0]
    article = replace(gazette, text=gazette.text + "\nFlood \ud800")
    broken = replace(comparison, articles=(article, *comparison.articles[1:]))
    broken.to_html(tmp_path / "index.html")
    assert "Flood &#55296;" in (tmp_path / "index.html").read_text("utf-8")
