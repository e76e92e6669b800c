"""The output folder: all files or a clear error, never half a file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import claimnli.claims.selection
from claimnli.compare import n_weak
from claimnli.comparison import Comparison
from claimnli.config import CompareConfig
from claimnli.errors import ClaimnliError
from claimnli.report import check_writable, write_report
from claimnli.report.files import replacing
from claimnli.report.wording import REASONS, day, listed, percent, shorten

NAMES = [
    "index.html", "pairs.jsonl", "pairs.parquet", "pairs.csv", "claims.parquet", "summary.json",
]  # fmt: skip


def test_all_files_are_written_into_a_new_folder(comparison: Comparison, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "report"
    assert [path.name for path in write_report(comparison, folder)] == NAMES
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)


def test_the_same_comparison_gives_the_same_bytes(comparison: Comparison, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write_report(comparison, tmp_path / folder)
    for name in NAMES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_the_summary_is_plain_data(comparison: Comparison, tmp_path: Path) -> None:
    write_report(comparison, tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert summary == comparison.summary()
    assert (summary["n_articles"], summary["n_origins"], summary["n_pairs"]) == (4, 3, 7)
    assert summary["n_pairs_by_relation"] == {"agreement": 4, "contradiction": 2, "unrelated": 1}
    assert summary["disputes"][0]["side_b"]["speakers"] == ["the water board", "مجلس المياه"]
    assert summary["matrix"][0] == {
        "article_id_a": "gazette",
        "article_id_b": "wire",
        "n_agreements": 1,
        "n_contradictions": 1,
    }
    assert len(summary["matrix"]) == 4
    assert [article["reprint_of"] for article in summary["articles"]] == [None, None, "wire", None]


@pytest.mark.parametrize("folder", ["file.txt", "file.txt/report"])
def test_an_unwritable_folder_is_named(comparison: Comparison, tmp_path: Path, folder: str) -> None:
    (tmp_path / "file.txt").write_text("not a folder")
    for write in (check_writable, lambda path: write_report(comparison, path)):
        with pytest.raises(ClaimnliError, match=r"file\.txt.*cannot be written") as error:
            write(tmp_path / folder)
        assert "Choose another place" in error.value.mend


def test_checking_leaves_nothing_behind(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "report")
    assert list(tmp_path.iterdir()) == []


def write_half(path: Path) -> None:
    with replacing(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        write_half(path)
    assert path.read_text() == "before"
    with replacing(path) as temporary:
        temporary.write_text("after")
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


def test_every_reason_has_plain_words() -> None:
    pairs = {"same_article", "below_min_similarity", "beyond_top_k", "interrupted", "truncated"}
    pairs |= n_weak([], CompareConfig()).keys()
    assert {*claimnli.claims.selection.REASONS, *pairs} <= set(REASONS)


def test_importing_the_report_loads_nothing_heavy() -> None:
    code = "import sys, claimnli.report; print({'pyarrow', 'jinja2', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_words() -> None:
    assert percent(0.9999) == "99 %"
    assert day("2031-03-05T08:30:00Z") == "5 March 2031"
    assert day("last week") == "last week"
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b", "c"], max_names=2) == "a, b and 1 more"
    assert shorten("one two three", 9) == "one two…"
    assert shorten("x" * 20, 5) == "xxxxx…"
