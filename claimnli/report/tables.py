"""The tables of a comparison: one row a pair, one row a claim.

The columns, their order and their types are a promise to the programs that read them: new ones go
to the end. PAIR_COLUMNS and CLAIM_COLUMNS below document each. JSONL and Parquet hold the texts
verbatim; CSV is for spreadsheets and differs in one point, see write_csv.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimnli.comparison import Comparison
from claimnli.records import Article, Claim, Relation
from claimnli.report.files import replacing

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]

_SIDE_COLUMNS = {
    "claim_id": ("string", "<article_id>:<start>"),
    "article_id": ("string", "made from the article's content"),
    "title": ("string", "of the article"),
    "source": ("string", "who published it"),
    "published": ("string", "ISO 8601 date or date and time; null if unknown"),
    "speaker": ("string", "who says it by the article; null if the article itself"),
    "text": ("string", "the sentence, verbatim"),
    "start": ("int64", "offset of its first character in the article's text"),
    "end": ("int64", "offset after its last character"),
    "path": ("string", "the file it came from, with #row for one row of a table"),
}

PAIR_COLUMNS: Mapping[str, tuple[str, str]] = {
    "pair_id": ("string", "<claim_id_a>|<claim_id_b>"),
    "relation": ("string", "agreement, contradiction or unrelated"),
    "probability": ("float64", "of that relation, 0 to 1"),
    "p_agreement": ("float64", "the three sum to 1"),
    "p_contradiction": ("float64", ""),
    "p_unrelated": ("float64", ""),
    "similarity": ("float64", "cosine of the two sentence embeddings, -1 to 1"),
    **{f"{name}_a": column for name, column in _SIDE_COLUMNS.items()},
    **{f"{name}_b": column for name, column in _SIDE_COLUMNS.items()},
}
"""Column of the pairs table -> (Arrow type, meaning); one row a labelled pair, all labels."""

CLAIM_COLUMNS: Mapping[str, tuple[str, str]] = {
    "claim_id": ("string", "<article_id>:<start>"),
    "article_id": ("string", "made from the article's content"),
    "text": ("string", "the sentence, verbatim"),
    "start": ("int64", "offset of its first character in the article's text"),
    "end": ("int64", "offset after its last character"),
    "speaker": ("string", "who says it by the article; null if the article itself"),
    "cue": ("string", "the words that attribute it; null without a speaker"),
    "is_quoted": ("bool", "most of it stands between quotation marks"),
    "n_agreements": ("int64", "labelled pairs in which it agrees with another claim"),
    "n_contradictions": ("int64", "labelled pairs in which it contradicts another claim"),
    "fact_id": ("string", "the fact, or side of a dispute, it belongs to; null if none"),
}
"""Column of the claims table -> (Arrow type, meaning); one row a claim, article by article."""

_NULLABLE = {"published", "speaker", "cue", "fact_id"}
_ROWS_PER_GROUP = 50_000
# The last four are the full-width forms of = + - @, which some spreadsheets read as these.
_FORMULA = re.compile(r"(^|[;\t\r\n])([\s\"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def pair_rows(comparison: Comparison) -> Iterator[Row]:
    """The pairs table, row by row, in the order of ``comparison.pairs``."""
    articles = {article.article_id: article for article in comparison.articles}
    for pair in comparison.pairs:
        yield {
            "pair_id": pair.pair_id,
            "relation": pair.relation.value,
            "probability": pair.probability,
            "p_agreement": pair.probabilities[Relation.AGREEMENT],
            "p_contradiction": pair.probabilities[Relation.CONTRADICTION],
            "p_unrelated": pair.probabilities[Relation.UNRELATED],
            "similarity": pair.similarity,
            **_side(pair.a, articles[pair.a.article_id], "a"),
            **_side(pair.b, articles[pair.b.article_id], "b"),
        }


def claim_rows(comparison: Comparison) -> Iterator[Row]:
    """The claims table, row by row, in the order of ``comparison.claims``."""
    counts: dict[Relation, Counter[str]] = {relation: Counter() for relation in Relation}
    for pair in comparison.pairs:
        counts[pair.relation].update((pair.a.claim_id, pair.b.claim_id))
    sides = (side for d in comparison.disputes for side in (d.side_a, d.side_b))
    fact_of: dict[str, str] = {}
    for fact in (*comparison.facts, *sides):
        for claim in fact.claims:
            fact_of.setdefault(claim.claim_id, fact.fact_id)
    for claim in comparison.claims:
        yield {
            "claim_id": claim.claim_id,
            "article_id": claim.article_id,
            "text": claim.text,
            "start": claim.start,
            "end": claim.end,
            "speaker": claim.speaker,
            "cue": claim.cue,
            "is_quoted": claim.is_quoted,
            "n_agreements": counts[Relation.AGREEMENT][claim.claim_id],
            "n_contradictions": counts[Relation.CONTRADICTION][claim.claim_id],
            "fact_id": fact_of.get(claim.claim_id),
        }


def write_jsonl(comparison: Comparison, path: Path) -> None:
    """Write the pairs table to *path*, one JSON object a line, UTF-8."""
    # Half a surrogate pair has no UTF-8, but "backslashreplace" makes of it the escape of JSON.
    with (
        replacing(path) as temporary,
        temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file,
    ):
        for row in pair_rows(comparison):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_csv(comparison: Comparison, path: Path) -> None:
    """Write the pairs table to *path* for spreadsheets: UTF-8 with a byte order mark, commas.

    A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@`` as a formula, so a text
    that could do so gets an apostrophe before that character, also after a semicolon, a tab or a
    line break inside it, where a spreadsheet of another country begins a new cell. JSONL and
    Parquet hold every text unchanged. Source: OWASP, "CSV Injection".
    """
    with (
        replacing(path) as temporary,
        temporary.open("w", encoding="utf-8-sig", errors="replace", newline="") as file,
    ):
        writer = csv.DictWriter(file, list(PAIR_COLUMNS), quoting=csv.QUOTE_NONNUMERIC)
        writer.writeheader()
        for row in pair_rows(comparison):
            writer.writerow({name: _harmless(value) for name, value in row.items()})


def write_parquet(comparison: Comparison, path: Path) -> None:
    """Write the pairs table to *path* as Parquet; the schema is PAIR_COLUMNS."""
    _write_parquet(pair_rows(comparison), PAIR_COLUMNS, path)


def write_claims_parquet(comparison: Comparison, path: Path) -> None:
    """Write the claims table to *path* as Parquet; the schema is CLAIM_COLUMNS."""
    _write_parquet(claim_rows(comparison), CLAIM_COLUMNS, path)


def arrow_schema(columns: Mapping[str, tuple[str, str]]) -> "pa.Schema":
    """The Arrow schema of PAIR_COLUMNS or CLAIM_COLUMNS; each meaning is the field's metadata."""
    import pyarrow as pa

    types: dict[str, Callable[[], pa.DataType]] = {
        "string": pa.string,
        "int64": pa.int64,
        "float64": pa.float64,
        "bool": pa.bool_,
    }
    return pa.schema(
        [
            pa.field(
                name,
                types[kind](),
                nullable=name.removesuffix("_a").removesuffix("_b") in _NULLABLE,
                metadata={"description": meaning} if meaning else None,
            )
            for name, (kind, meaning) in columns.items()
        ]
    )


def _write_parquet(rows: Iterator[Row], columns: Mapping[str, tuple[str, str]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(columns)
    with replacing(path) as temporary, pq.ParquetWriter(temporary, schema) as writer:
        while group := list(islice(rows, _ROWS_PER_GROUP)):
            try:
                table = pa.Table.from_pylist(group, schema=schema)
            except UnicodeEncodeError:
                table = pa.Table.from_pylist(_whole_characters(group), schema=schema)
            writer.write_table(table)


def _side(claim: Claim, article: Article, suffix: str) -> Row:
    return {
        f"claim_id_{suffix}": claim.claim_id,
        f"article_id_{suffix}": claim.article_id,
        f"title_{suffix}": article.title,
        f"source_{suffix}": article.source,
        f"published_{suffix}": article.published,
        f"speaker_{suffix}": claim.speaker,
        f"text_{suffix}": claim.text,
        f"start_{suffix}": claim.start,
        f"end_{suffix}": claim.end,
        f"path_{suffix}": article.path,
    }


def _harmless(value: object) -> object:
    return _FORMULA.sub(r"\1\2'", value) if isinstance(value, str) else value


def _whole_characters(rows: Iterable[Row]) -> list[Row]:
    """Arrow refuses half a surrogate pair, which a JSON file can smuggle into a text."""
    return [
        {
            name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
            for name, value in row.items()
        }
        for row in rows
    ]
