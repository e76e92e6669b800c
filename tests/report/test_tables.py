"""The tables: columns, verbatim texts, and cells that a spreadsheet does not run."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from claimnli.comparison import Comparison
from claimnli.report.tables import CLAIM_COLUMNS, PAIR_COLUMNS, claim_rows, pair_rows


def test_pair_columns_are_what_was_promised() -> None:
    assert " ".join(PAIR_COLUMNS) == (
        "pair_id relation probability p_agreement p_contradiction p_unrelated similarity "
        "claim_id_a article_id_a title_a source_a published_a speaker_a text_a start_a end_a "
        "path_a claim_id_b article_id_b title_b source_b published_b speaker_b text_b start_b "
        "end_b path_b"
    )


def test_rows_have_the_columns_in_order(comparison: Comparison) -> None:
    assert all(list(row) == list(PAIR_COLUMNS) for row in pair_rows(comparison))
    assert all(list(row) == list(CLAIM_COLUMNS) for row in claim_rows(comparison))


def test_jsonl_and_parquet_hold_the_same_rows(comparison: Comparison, tmp_path: Path) -> None:
    comparison.to_jsonl(tmp_path / "pairs.jsonl")
    comparison.to_parquet(tmp_path / "pairs.parquet")

    lines = (tmp_path / "pairs.jsonl").read_bytes().decode().split("\n")
    rows = [json.loads(line) for line in lines if line]
    assert rows == pq.read_table(tmp_path / "pairs.parquet").to_pylist()
    assert rows == list(pair_rows(comparison))
    assert "قال" in lines[4], "characters are written as they are, not as escapes"
    for row in rows:
        article = next(a for a in comparison.articles if a.article_id == row["article_id_a"])
        assert article.text[row["start_a"] : row["end_a"]] == row["text_a"]


def test_parquet_of_no_pairs_has_the_schema(empty_comparison: Comparison, tmp_path: Path) -> None:
    empty_comparison.to_parquet(tmp_path / "pairs.parquet")
    schema = pq.read_schema(tmp_path / "pairs.parquet")
    assert schema.names == list(PAIR_COLUMNS)
    assert [str(kind) for kind in schema.types] == [
        {"float64": "double"}.get(kind, kind) for kind, _ in PAIR_COLUMNS.values()
    ]
    assert schema.field("speaker_a").nullable
    assert not schema.field("text_a").nullable


def test_claims_count_their_relations_and_name_their_fact(comparison: Comparison) -> None:
    rows = {row["claim_id"]: row for row in claim_rows(comparison)}
    assert list(rows) == [claim.claim_id for claim in comparison.claims]
    assert rows["gazette:0"]["n_agreements"] == 3
    assert rows["gazette:0"]["fact_id"] == "fact-1"
    assert rows["gazette:46"]["n_contradictions"] == 2
    assert rows["gazette:46"]["fact_id"] == "single"
    assert rows["reprint:41"]["fact_id"] is None


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-cmd", "'-cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t =1", "\t '=1"),
        ("\uff1d1", "'\uff1d1"),
        ('a;"=1', "a;\"'=1"),
        ("a\n=1", "a\n'=1"),
        ("a = b - c; d", "a = b - c; d"),
        ("", ""),
    ],
)
def test_csv_cells_cannot_run_as_formulas(
    comparison: Comparison, tmp_path: Path, text: str, cell: str
) -> None:
    first = comparison.pairs[0]
    pair = replace(first, a=replace(first.a, text=text))
    replace(comparison, pairs=(pair,)).to_csv(tmp_path / "pairs.csv")
    with (tmp_path / "pairs.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["text_a"] == cell


def test_csv_reads_back(comparison: Comparison, tmp_path: Path) -> None:
    comparison.to_csv(tmp_path / "pairs.csv")
    assert (tmp_path / "pairs.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "pairs.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["pair_id"] for row in rows] == [pair.pair_id for pair in comparison.pairs]
    assert float(rows[4]["p_contradiction"]) == 0.97
    assert rows[4]["text_b"] == "قال مجلس المياه إن أحدا لم يغادر منزله."


def test_half_a_surrogate_pair_breaks_no_table(comparison: Comparison, tmp_path: Path) -> None:
    first = comparison.pairs[0]
    broken = replace(comparison, pairs=(replace(first, a=replace(first.a, text="a\ud800b")),))
    broken.to_jsonl(tmp_path / "pairs.jsonl")
    broken.to_csv(tmp_path / "pairs.csv")
    broken.to_parquet(tmp_path / "pairs.parquet")
    assert json.loads((tmp_path / "pairs.jsonl").read_text("utf-8"))["text_a"] == "a\ud800b"
    assert pq.read_table(tmp_path / "pairs.parquet")["text_a"].to_pylist() == ["a?b"]
