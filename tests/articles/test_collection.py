"""Which files are read, in which order, and what becomes of those that cannot be."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimnli.articles import read_articles
from claimnli.articles.collection import _article
from claimnli.articles.interface import RawArticle
from claimnli.config import ArticlesConfig
from claimnli.errors import ClaimnliError
from claimnli.records import Article

Write = Callable[[str, str | bytes], Path]


def test_a_folder_is_read_recursively_in_the_order_of_paths(tmp_path: Path, write: Write) -> None:
    for name in ("b.txt", "a/z.TXT", "a/deep/c.md", "a.json"):
        write(name, f'{{"text": "Story of {name}."}}')
    places = [a.path for a in read_articles(tmp_path).articles]
    expected = ["a/deep/c.md", "a/z.TXT", "a.json", "b.txt"]
    assert places == [str(tmp_path / name) for name in expected]


def test_a_folder_is_read_without_what_is_no_article(tmp_path: Path, write: Write) -> None:
    write("a.txt", "A story.")
    others = (
        "photo.jpg .hidden.txt .git/note.txt README.md readme.txt LICENSE-MIT.txt code.py Makefile"
    )
    for name in others.split():
        write(name, f"not an article: {name}")
    collection = read_articles(tmp_path)
    assert [a.text for a in collection.articles] == ["A story."]
    assert collection.failures == ()


def test_an_article_whose_name_begins_like_a_licence_is_read(tmp_path: Path, write: Write) -> None:
    write("license-plate-thefts.txt", "Thieves took 300 plates.")
    assert len(read_articles(tmp_path).articles) == 1


def test_a_document_of_an_unread_format_is_reported(tmp_path: Path, write: Write) -> None:
    write("a.txt", "A story.")
    pdf = write("b.pdf", b"%PDF-1.7")
    [failure] = read_articles(tmp_path).failures
    assert failure.path == str(pdf)
    assert ".pdf" in failure.reason
    assert ".parquet" in failure.mend


@pytest.mark.parametrize("name", ["README.md", ".hidden.txt", "LICENSE", "notes"])
def test_a_file_that_is_named_is_read_whatever_its_name(write: Write, name: str) -> None:
    assert read_articles(str(write(name, "A story."))).articles[0].text == "A story."


def test_a_file_given_twice_is_read_once(tmp_path: Path, write: Write) -> None:
    file = write("a.txt", "A story.")
    collection = read_articles([file, tmp_path, str(file)])
    assert len(collection.articles) == 1
    assert collection.duplicate_of == {}


def test_articles_of_the_same_content_are_told(tmp_path: Path, write: Write) -> None:
    write("a.txt", "He said no.\nShe said yes.\n")
    write("b.txt", "He said no.\r\n\r\nShe said  yes.")
    write("c.txt", "He said no.")
    collection = read_articles(tmp_path)
    assert [Path(a.path).name for a in collection.articles] == ["a.txt", "c.txt"]
    assert collection.duplicate_of == {str(tmp_path / "b.txt"): str(tmp_path / "a.txt")}


def test_ids_depend_on_the_text_alone(tmp_path: Path, write: Write) -> None:
    first = read_articles(write("one/a.txt", "Café: a story.")).articles[0]
    write("two/x.txt", "Another.")
    write("two/z.json", '{"text": "Cafe\\u0301: a story.", "title": "T"}')
    second = read_articles(tmp_path / "two").articles[1]
    assert first.article_id == second.article_id
    assert len(first.article_id) == 16
    assert second.text == "Cafe\u0301: a story."  # the text itself is not normalised


@pytest.mark.parametrize(
    ("raw", "source"),
    [
        (RawArticle(text="x", source="The  Daily\n", url="https://www.bbc.co.uk/a"), "The Daily"),
        (RawArticle(text="x", url="https://www.BBC.co.uk:443/a"), "bbc.co.uk"),
        (RawArticle(text="x", url="www.bbc.co.uk/a"), "bbc.co.uk"),
        (RawArticle(text="x", url="http://[broken/a"), "crawl.2025"),
        (RawArticle(text="x", url="n/a"), "crawl.2025"),
        (RawArticle(text="x"), "crawl.2025"),
    ],
)
def test_the_source_is_the_best_that_is_known(raw: RawArticle, source: str) -> None:
    article = _article(raw, Path("news/crawl.2025.warc.gz"))
    assert isinstance(article, Article)
    assert article.source == source


@given(st.text(st.characters(codec=None), min_size=1))
def test_any_text_keeps_its_characters_and_can_be_written(text: str) -> None:
    article = _article(RawArticle(text=text), Path("a.txt"))
    if not isinstance(article, Article):
        assert text.replace("\ufeff", "").strip() == "" or not text.split()
        return
    article.text.encode("utf-8")
    assert "\r" not in article.text
    assert len(article.text) == len(text) - text.count("\r\n")


def test_empty_and_blank_files_are_failures(tmp_path: Path, write: Write) -> None:
    write("a.txt", "A story.")
    names = ("empty.txt", "empty.html", "empty.jsonl", "blank.txt", "blank.jsonl", "blank.csv")
    for name in names:
        write(name, "" if name.startswith("empty") else " \n\n")
    write("only_header.csv", "text,title\n")
    write("no_items.json", "[]")
    failures = {Path(f.path).name: f for f in read_articles(tmp_path).failures}
    assert set(failures) == {*names, "only_header.csv", "no_items.json"}
    assert all(f.reason.endswith(".") and f.mend for f in failures.values())


def test_a_file_above_the_limit_is_a_failure(tmp_path: Path, write: Write) -> None:
    write("small.txt", "A story.")
    write("large.txt", "A longer story.")
    [failure] = read_articles(tmp_path, ArticlesConfig(max_file_bytes=10)).failures
    assert "larger than 10 bytes" in failure.reason
    assert "--max-file-bytes" in failure.mend
    assert not read_articles(tmp_path, ArticlesConfig(max_file_bytes=0)).failures


def test_a_file_that_cannot_be_opened_is_a_failure(tmp_path: Path, write: Write) -> None:
    write("a.txt", "A story.")
    (tmp_path / "link.txt").symlink_to(tmp_path / "gone.txt")
    [failure] = read_articles(tmp_path).failures
    assert failure.path == str(tmp_path / "link.txt")
    assert "No such file" in failure.reason


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ClaimnliError, match=r"nowhere: there is no such file") as error:
        read_articles([tmp_path, tmp_path / "nowhere"])
    assert error.value.mend


def test_the_text_of_an_article_given_as_path_is_an_error_of_some_lines() -> None:
    with pytest.raises(ClaimnliError) as error:
        read_articles("Russia said it had retaken the region. " * 1000)
    assert len(str(error.value)) < 1000


def test_a_folder_without_an_article_is_an_error_that_says_what_is_read(
    tmp_path: Path, write: Write
) -> None:
    with pytest.raises(ClaimnliError, match=r"no article was found") as error:
        read_articles(tmp_path)
    assert str(tmp_path) in error.value.message
    assert ".txt, .md, .html" in error.value.mend
    for i in range(7):
        write(f"{i}.txt", "")
    with pytest.raises(ClaimnliError, match=r"0\.txt: The file is empty") as error:
        read_articles(tmp_path)
    assert "and 2 more" in error.value.message
