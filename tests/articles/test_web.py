"""HTML pages and WARC files."""

import gzip
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from claimnli.articles import read_articles
from claimnli.config import ArticlesConfig
from claimnli.errors import ClaimnliError
from claimnli.extras import require_extra
from claimnli.records import Article

Write = Callable[[str, str | bytes], Path]


def page(head: str = "", said: str = "Kyiv denied it") -> str:
    return f"""<!DOCTYPE html><html><head><title>Kursk | Daily</title>{head}</head><body>
    <nav><ul><li><a href="/">Home</a></li><li><a href="/w">World</a></li></ul></nav>
    <article><h1>Kursk retaken?</h1><p>Russia said on Saturday that it had retaken the region.</p>
    <p>“{said}”, the café owner said, and many others said the same thing to us.</p></article>
    <footer>All rights reserved</footer></body></html>"""


def only(path: Path) -> Article:
    [article] = read_articles(path).articles
    return article


@pytest.fixture
def _html() -> None:
    pytest.importorskip("trafilatura")


@pytest.fixture
def _warc(_html: None) -> None:
    pytest.importorskip("warcio")


@pytest.mark.usefixtures("_html")
class TestHtml:
    def test_the_main_text_is_read_without_what_is_around_it(self, write: Write) -> None:
        article = only(write("a.html", page()))
        assert "“Kyiv denied it”, the café owner said" in article.text
        assert "Home" not in article.text
        assert (article.title, article.source) == ("Kursk retaken?", "a")
        assert (article.url, article.published) == (None, None)

    def test_meta_tags_give_title_source_url_and_date(self, write: Write) -> None:
        head = """<meta property="og:title" content="A title"><meta property="og:site_name"
            content="The Daily"><link rel="canonical" href="https://daily.org/a">
            <meta property="article:published_time" content="2025-04-26T10:00:00Z">"""
        article = only(write("a.htm", page(head)))
        assert (article.title, article.source) == ("A title", "The Daily")
        assert article.url == "https://daily.org/a"
        assert article.published == "2025-04-26T10:00:00+00:00"

    def test_linked_data_gives_them_too(self, write: Write) -> None:
        head = """<script type="application/ld+json">{broken</script>
            <script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "headline": "H",
            "datePublished": "2025-04-26", "publisher": {"name": "The Daily"}}]}</script>"""
        article = only(write("a.html", page(head)))
        assert (article.title, article.source, article.published) == (
            "H",
            "The Daily",
            "2025-04-26",
        )

    def test_no_date_is_invented_from_the_url_or_the_text(self, write: Write) -> None:
        head = '<link rel="canonical" href="https://daily.org/2025/04/26/a">'
        assert only(write("a.html", page(head, "On 3 May 2024 it fell"))).published is None

    def test_the_declared_encoding_is_used(self, write: Write) -> None:
        text = page('<meta charset="iso-8859-2">', "Żołnierze źle wykonali zadanie")
        data = text.replace("“", '"').replace("”", '"').encode("iso8859_2")
        assert "Żołnierze źle" in only(write("a.html", data)).text

    def test_a_page_of_too_many_elements_is_a_failure(self, tmp_path: Path, write: Write) -> None:
        write("a.txt", "A story.")
        write("b.html", page())
        [failure] = read_articles(tmp_path, ArticlesConfig(max_page_elements=10)).failures
        assert "more than 10" in failure.reason
        assert "--max-page-elements" in failure.mend
        assert not read_articles(tmp_path, ArticlesConfig(max_page_elements=0)).failures

    def test_a_page_without_text_is_a_failure(self, tmp_path: Path, write: Write) -> None:
        write("a.html", page())
        write("b.html", "<html><body><script>load()</script></body></html>")
        write("c.html", "<!-- -->")
        failures = read_articles(tmp_path).failures
        assert [Path(f.path).name for f in failures] == ["b.html", "c.html"]
        assert all(f.mend for f in failures)

    def test_a_page_on_which_a_library_breaks_is_a_failure(
        self, tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def breaks(*_: object, **__: object) -> None:
            raise AttributeError("'NoneType' object has no attribute 'tag'")

        monkeypatch.setattr("trafilatura.bare_extraction", breaks)
        write("a.txt", "A story.")
        write("b.html", page())
        collection = read_articles(tmp_path)
        assert len(collection.articles) == 1
        [failure] = collection.failures
        assert Path(failure.path).name == "b.html"
        assert "cannot be parsed as HTML (AttributeError: 'NoneType'" in failure.reason
        assert failure.mend


def test_without_the_extra_the_install_command_is_given(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    story = write("a.txt", "A story.")
    collection = read_articles([story, write("b.html", page())])
    assert len(collection.articles) == 1
    assert collection.failures[0].mend == "pip install 'claimnli[html]'"


def test_a_missing_module_is_named() -> None:
    with pytest.raises(ClaimnliError, match=r"needs no_such_module[^.]*loaded") as error:
        require_extra("warc", "json", "no_such_module")
    assert error.value.mend == "pip install 'claimnli[warc]'"


def warc(*responses: tuple[str, str, str, str]) -> list[bytes]:
    """The records of a WARC file of responses: URL, status, content type, body."""
    records = [("warcinfo", "", "application/warc-fields", "software: test\r\n")]
    for url, status, kind, body in responses:
        block = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n{body}"
        records.append(("response", url, "application/http; msgtype=response", block))
    return [
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{i}>\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: 2025-05-01T00:00:00Z\r\nContent-Type: {media}\r\n"
        f"Content-Length: {len(block.encode())}\r\n\r\n{block}\r\n\r\n".encode()
        for i, (kind, url, media, block) in enumerate(records)
    ]


@pytest.mark.usefixtures("_warc")
class TestWarc:
    URL = "https://www.daily.org/a"
    HTML = "text/html; charset=utf-8"

    @pytest.mark.parametrize("packing", ["none", "records", "whole"])
    def test_each_page_that_was_fetched_is_an_article(self, write: Write, packing: str) -> None:
        records = warc(
            ("https://x.org/logo.png", "200 OK", "image/png", "png"),
            ("https://x.org/gone", "404 Not Found", self.HTML, page(said="Not here")),
            (self.URL, "200 OK", self.HTML, page()),
            ("https://x.org/empty", "200 OK", self.HTML, "<html></html>"),
        )
        if packing == "records":
            records = [gzip.compress(record) for record in records]
        data = b"".join(records)
        data = gzip.compress(data) if packing == "whole" else data
        path = write("a.warc" if packing == "none" else "a.warc.gz", data)
        collection = read_articles(path)
        [article] = collection.articles
        assert "Kyiv denied it" in article.text
        assert article.path == f"{path}#4"
        assert (article.source, article.url) == ("daily.org", self.URL)
        assert article.published is None  # the date of the crawl is another
        [failure] = collection.failures
        assert failure.path == f"{path}#5"
        assert "https://x.org/empty" in failure.reason

    @pytest.mark.parametrize("cut", [200, 400, 600])
    @pytest.mark.parametrize("is_packed", [False, True])
    def test_a_file_cut_off_is_a_failure_and_what_came_before_is_read(
        self, write: Write, cut: int, is_packed: bool
    ) -> None:
        pages = [(self.URL, "200 OK", self.HTML, page(said=f"No {i}")) for i in range(2)]
        data = b"".join(warc(*pages))[:-cut]
        path = write("a.warc.gz", gzip.compress(data)[:-8]) if is_packed else write("a.warc", data)
        collection = read_articles(path)
        assert ["No 0" in article.text for article in collection.articles] == [True]
        assert collection.failures
        assert all(f.mend == "Fetch or copy the file again." for f in collection.failures)

    def test_what_is_no_warc_file_is_a_failure(self, tmp_path: Path, write: Write) -> None:
        write("a.txt", "A story.")
        write("b.warc", "no such thing")
        write("c.warc.gz", b"no such thing")
        failures = read_articles(tmp_path).failures
        assert [Path(f.path).name for f in failures] == ["b.warc", "c.warc.gz"]

    def test_a_page_that_unpacks_to_too_much_is_a_failure(self, write: Write) -> None:
        bomb = "<p>" + "a" * 100_000
        pages = [(self.URL, "200 OK", self.HTML, page()), (self.URL, "200 OK", self.HTML, bomb)]
        path = write("a.warc.gz", gzip.compress(b"".join(warc(*pages))))
        collection = read_articles(path, ArticlesConfig(max_file_bytes=50_000))
        assert len(collection.articles) == 1
        assert "larger than 50,000 bytes" in collection.failures[0].reason
