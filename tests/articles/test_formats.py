"""The readers of .txt, .md, .json, .jsonl, .csv and .parquet, through read_articles."""

import csv
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimnli.articles import read_articles
from claimnli.articles.json_records import read_jsonl
from claimnli.articles.tables import read_csv
from claimnli.config import ArticlesConfig
from claimnli.errors import ClaimnliError
from claimnli.records import Article, ReadFailure

Write = Callable[[str, str | bytes], Path]

DEFAULTS = ArticlesConfig()
RECORD = {
    "text": "Kyiv denied it.\r\nIt said so.",
    "title": "Denial",
    "source": "The Daily",
    "url": "https://x.org/a",
    "published": "2025-04-26T10:00:00Z",
}


def only(path: Path, config: ArticlesConfig = DEFAULTS) -> Article:
    [article] = read_articles(path, config).articles
    return article


def failures(path: Path) -> tuple[ReadFailure, ...]:
    """The failures of *path*, which may hold nothing else, beside a file that can be read."""
    good = path.parent / "good.txt"
    good.write_text("A story.")
    return read_articles([path, good]).failures


def assert_is_record(article: Article) -> None:
    assert article.text == "Kyiv denied it.\nIt said so."
    assert (article.title, article.source, article.url) == ("Denial", "The Daily", RECORD["url"])
    assert article.published == "2025-04-26T10:00:00+00:00"


def test_plain_text_keeps_everything_but_the_newlines(write: Write) -> None:
    article = only(write("a.txt", "\n  A headline it is\r\n\r\nThen\ttext .\r"))
    assert article.text == "\n  A headline it is\n\nThen\ttext .\n"
    assert (article.title, article.source, article.url) == ("A headline it is", "a", None)


def test_a_single_line_of_20_megabytes_is_read_in_seconds(write: Write) -> None:
    line = "Russia said its forces had retaken the region, which Kyiv denied. " * 310_000
    path = write("long.txt", line)
    began = time.perf_counter()
    assert len(only(path).text) == len(line) > 20_000_000
    assert time.perf_counter() - began < 30


MARKDOWN = """---
title: "Front matter title"
url: https://www.kyivpost.com/post/1
date: 2025-04-26
---
# Kursk *retaken*?

Russia **said** on Saturday it had [retaken](http://a.b "t") the
region of snake_case & more.\\
Next line.

> “We deny it,” said Kyiv &amp; [others][1].

* First item
* Second `item`

![A photo](p.jpg)

<div class="ad">Kept <b>words</b><!-- not this --></div>

    An indented paragraph.

| Side | Losses |
| ---- | ------ |
| Kyiv | 76,000 |

[1]: http://c.d
"""


def test_markdown_loses_its_marks_and_none_of_its_words(write: Write) -> None:
    article = only(write("a.md", MARKDOWN))
    assert article.text.split("\n\n") == [
        "Kursk retaken?",
        "Russia said on Saturday it had retaken the region of snake_case & more.\nNext line.",
        "“We deny it,” said Kyiv & others.",
        "First item",
        "Second item",
        "Kept words",
        "An indented paragraph.",
        "Side",
        "Losses",
        "Kyiv",
        "76,000",
    ]
    assert article.title == "Front matter title"
    assert (article.source, article.published) == ("kyivpost.com", "2025-04-26")


def test_the_first_heading_of_markdown_is_the_title(write: Write) -> None:
    text = "Lead.\n\nKursk *retaken*?\n---\n\nText.\n\n# Later"
    assert only(write("a.md", text)).title == "Kursk retaken?"


def test_json_is_an_object_a_list_or_lines(write: Write) -> None:
    one = json.dumps(RECORD)
    for name, content in {"object.json": one, "lines.json": f"{one}\n", "a.jsonl": one}.items():
        assert_is_record(only(write(name, content)))
    path = write("list.json", f'[{one},\n {{"text": "Two."}}]')
    articles = read_articles(path).articles
    assert_is_record(articles[0])
    assert [a.path for a in articles] == [f"{path}#1", f"{path}#2"]
    assert only(write("object.json", one)).path.endswith("object.json")


def test_other_keys_are_mapped_by_the_config(write: Write) -> None:
    path = write("a.json", json.dumps({f"my_{key}": value for key, value in RECORD.items()}))
    names = {f"{key}_column": f"my_{key}" for key in RECORD}
    assert_is_record(only(path, ArticlesConfig(**names)))  # type: ignore[arg-type]


def test_a_broken_line_is_reported_and_the_others_are_read(write: Write) -> None:
    path = write("a.jsonl", '{"text": "One."}\n{"text": "Tw\n\n["x"]\n{"text": " "}\n{"text":"5"}')
    collection = read_articles(path)
    assert [a.path for a in collection.articles] == [f"{path}#1", f"{path}#6"]
    reasons = {f.path.rpartition("#")[2]: f.reason for f in collection.failures}
    assert set(reasons) == {"2", "4", "5"}
    assert "not valid JSON at column 10" in reasons["2"]
    assert "a JSON list, not an object" in reasons["4"]
    assert "empty" in reasons["5"]


def test_broken_json_names_its_line(write: Write) -> None:
    [failure] = failures(write("a.json", '[\n{"text": "One."},\n{"text": }]'))
    assert "line 3, column 10" in failure.reason


def test_json_nested_too_deep_is_a_failure(write: Write) -> None:
    [failure] = failures(write("a.json", "[" * 200_000))
    assert failure.mend


def test_values_that_are_no_text_are_left_out(write: Write) -> None:
    record = {"text": "One.", "source": {"id": None}, "title": 7, "published": 1745661600}
    article = only(write("a.json", json.dumps(record)))
    assert (article.title, article.source, article.published) == ("", "a", None)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv", "a.parquet"])
def test_no_text_column_is_said_once_with_the_columns_and_the_flag(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    records = [{"body": "One.", "kind": "x"}, {"body": "Two.", "kind": "y"}]
    if name == "a.parquet":
        pq.write_table(pa.Table.from_pylist(records), path)
    elif name == "a.csv":
        path.write_text("body,kind\nOne.,x\nTwo.,y\n")
    else:
        path.write_text("\n".join(json.dumps(record) for record in records))
    [failure] = failures(path)
    assert "'body', 'kind'" in failure.reason
    assert "--text-column" in failure.mend
    assert "text_column" in failure.mend
    assert len(read_articles(path, ArticlesConfig(text_column="body")).articles) == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_is_read_with_its_delimiter(write: Write, delimiter: str) -> None:
    out = io.StringIO()
    table = csv.DictWriter(out, list(RECORD), delimiter=delimiter)
    table.writeheader()
    table.writerows([RECORD, RECORD | {"text": "Long. " * 50_000}])  # above csv's own limit
    articles = read_articles(write("a.csv", out.getvalue())).articles
    assert_is_record(articles[0])
    assert len(articles[1].text) == 300_000
    assert articles[1].path.endswith("a.csv#2")


def test_a_csv_row_with_too_many_fields_is_a_failure(write: Write) -> None:
    path = write("a.csv", '\ufefftitle,text\nA,"One,\none."\nB,Two, two.\n\nC\nD,Four.\n')
    collection = read_articles(path)
    assert [a.text for a in collection.articles] == ["One,\none.", "Four."]
    assert [f.path for f in collection.failures] == [f"{path}#2", f"{path}#3"]
    assert "line 4 has 3 fields" in collection.failures[0].reason


def test_a_quotation_mark_never_closed_is_said_with_its_line(write: Write) -> None:
    path = write("a.csv", 'text\nOne.\n"Two.\nThree.\nFour.\n')
    collection = read_articles(path)
    assert [a.text for a in collection.articles] == ["One."]
    [failure] = collection.failures
    assert failure.path == f"{path}#2"
    assert "line 3" in failure.reason
    assert "rows after it" in failure.reason


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@given(st.lists(texts, min_size=1))
def test_what_is_written_as_csv_and_jsonl_comes_back(
    tmp_path_factory: pytest.TempPathFactory, stories: list[str]
) -> None:
    path = tmp_path_factory.mktemp("t") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["title", "text"], *(["T", s] for s in stories)])
    assert [raw.text for raw in read_csv(path, ArticlesConfig())] == stories  # type: ignore[union-attr]
    lines = (json.dumps({"text": s}, ensure_ascii=False) for s in stories)
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [raw.text for raw in read_jsonl(path, ArticlesConfig())] == stories  # type: ignore[union-attr]


def test_parquet_is_read_with_dates_of_every_kind(tmp_path: Path) -> None:
    moment = datetime(2025, 4, 26, 10, tzinfo=UTC)
    for published, expected in [
        (pa.array([RECORD["published"]]), "2025-04-26T10:00:00+00:00"),
        (pa.array([date(2025, 4, 26)]), "2025-04-26"),
        (pa.array([moment], pa.timestamp("us", tz="UTC")), "2025-04-26T10:00:00+00:00"),
        (pa.array([1745661600_000000001], pa.timestamp("ns")), "2025-04-26T10:00:00"),
        (pa.array([None], pa.string()), None),
        (pa.array([1745661600]), None),
    ]:
        text = pa.array([RECORD["text"]], pa.large_string()).dictionary_encode()
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table({"id": [1], "text": text, "published": published}), path)
        article = only(path)
        assert article.text == "Kyiv denied it.\nIt said so."
        assert article.published == expected
        assert article.path == f"{path}#1"


def test_a_damaged_parquet_file_is_a_failure(tmp_path: Path, write: Write) -> None:
    [failure] = failures(write("a.parquet", b"PAR1 not really PAR1"))
    assert "Parquet" in failure.reason


def test_an_error_of_a_single_file_reaches_the_user_in_words(write: Write) -> None:
    with pytest.raises(ClaimnliError, match="binary data"):
        read_articles(write("a.txt", b"\x89PNG\x00\x00\x00\rIHDR\x00\x00"))
