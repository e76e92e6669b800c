"""The records of a comparison: what labelled pairs of claims come to.

The records that lead here, from Article to LabelledPair, are in claimnli/records.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claimnli.records import (
    Article,
    Claim,
    DroppedSentence,
    IntArray,
    LabelledPair,
    ModelInfo,
    ReadFailure,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Claims of several articles that say the same, linked by agreement."""

    fact_id: str
    claims: tuple[Claim, ...]
    """The most central claim first."""
    article_ids: tuple[str, ...]
    """The articles that make it, sorted, each once."""
    n_origins: int
    """Independent origins: articles that reprint each other count once."""
    speakers: tuple[str, ...]
    """Who says so by the articles, most frequent first; empty if only the articles themselves."""
    probability: float
    """Mean probability of the agreements that link it; 1.0 for a single claim."""

    @property
    def headline(self) -> str:
        """The text of the most central claim."""
        return self.claims[0].text


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """Two facts that cannot both hold, linked by contradiction."""

    dispute_id: str
    side_a: Fact
    side_b: Fact
    pairs: tuple[LabelledPair, ...]
    """The contradicting pairs between the sides, strongest first; *a* is of side_a."""
    probability: float
    """Of the strongest pair."""
    may_be_update: bool
    """True if all dated articles of one side are of earlier days than those of the other, so that
    the later may correct the earlier."""
    both_sides: tuple[Claim, ...] = ()
    """Claims that agree with claims of either side: they report both, or what the two share."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelationMatrix:
    """How many pairs of claims agree and contradict, article by article."""

    article_ids: tuple[str, ...]
    n_agreements: IntArray
    """(n_articles, n_articles), symmetric, zero diagonal."""
    n_contradictions: IntArray
    """(n_articles, n_articles), symmetric, zero diagonal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTiming:
    """How long a stage took and on how much."""

    stage: str
    n_items: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DropCount:
    """How many items a stage left out for one reason."""

    stage: str
    reason: str
    n_items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The result of a run over a folder of articles."""

    articles: tuple[Article, ...]
    claims: tuple[Claim, ...]
    pairs: tuple[LabelledPair, ...]
    """Every pair that the model labelled, the unrelated ones too, in a stable order."""
    facts: tuple[Fact, ...]
    """Those that at least two articles make, most origins first."""
    disputes: tuple[Dispute, ...]
    """Most origins on both sides first."""
    matrix: RelationMatrix
    origin_of: Mapping[str, str]
    """article_id -> article_id of the article it is a reprint of; itself if it is none."""
    dropped: tuple[DropCount, ...]
    dropped_sentences: tuple[DroppedSentence, ...]
    failures: tuple[ReadFailure, ...]
    duplicate_of: Mapping[str, str]
    model: ModelInfo
    timings: tuple[StageTiming, ...]
    is_complete: bool = True
    """False if the run was interrupted: *pairs* then holds what was finished."""

    def to_html(self, path: str | Path) -> None:
        """Write the report as one self-contained page; see report/html.py."""
        from claimnli.report.html import write_html

        write_html(self, Path(path))

    def to_jsonl(self, path: str | Path) -> None:
        """Write the pairs table, one JSON object a line; its columns are in report/tables.py."""
        from claimnli.report.tables import write_jsonl

        write_jsonl(self, Path(path))

    def to_csv(self, path: str | Path) -> None:
        """Write the pairs table for a spreadsheet, with texts that cannot run as formulas."""
        from claimnli.report.tables import write_csv

        write_csv(self, Path(path))

    def to_parquet(self, path: str | Path) -> None:
        """Write the pairs table as Parquet."""
        from claimnli.report.tables import write_parquet

        write_parquet(self, Path(path))

    def summary(self) -> dict[str, Any]:
        """Counts, facts, disputes, matrix and what was left out, as plain data for JSON."""
        from claimnli.report.summary import summary

        return summary(self)

    def print(self, *, max_disputes: int = 10, max_facts: int = 10) -> None:
        """Print the disputes, the most shared facts and what was left out on the terminal."""
        from claimnli.report.console import print_comparison

        print_comparison(self, max_disputes=max_disputes, max_facts=max_facts)
