"""The records of claimnli. Open this file first: whoever knows them knows the program.

    folder -> Article -> Claim -> vector -> CandidatePair -> LabelledPair -> Comparison -> report

Each stage is a plain function from one of these records to the next. Every record is frozen. What
a stage leaves out is kept beside what it returns, with the reason, so that no count goes missing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]


class Relation(StrEnum):
    """What two claims have to do with each other, whichever of the two is read first."""

    AGREEMENT = "agreement"
    CONTRADICTION = "contradiction"
    UNRELATED = "unrelated"


RELATIONS: tuple[Relation, ...] = (
    Relation.AGREEMENT,
    Relation.CONTRADICTION,
    Relation.UNRELATED,
)
"""The order of the columns wherever relations stand in an array."""


class NliLabel(StrEnum):
    """What a premise says about a hypothesis; this has a direction."""

    ENTAILMENT = "entailment"
    NEUTRAL = "neutral"
    CONTRADICTION = "contradiction"


# --- articles ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One news article as it was read; offsets of claims point into *text*."""

    article_id: str
    """Stable: made from the content, not from the order of reading."""
    text: str
    title: str
    source: str
    """Who published it: the column or meta tag if there is one, else the host of the URL, else the
    file's name."""
    path: str
    """The file it came from, as given by the user, with ``#row`` for one row of a table."""
    url: str | None = None
    published: str | None = None
    """ISO 8601 date or date and time, None if unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFailure:
    """A file, or one record of a file, that could not be read."""

    path: str
    reason: str
    """One sentence in plain words."""
    mend: str
    """What the user can do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleCollection:
    """All that was read from the user's paths, in a stable order."""

    articles: tuple[Article, ...]
    failures: tuple[ReadFailure, ...] = ()
    duplicate_of: Mapping[str, str] = field(default_factory=dict)
    """Path of an article left out because its text is that of another -> path of the one kept."""


# --- claims -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence of an article: ``article.text[claim.start:claim.end] == claim.text``."""

    claim_id: str
    """``<article_id>:<start>``."""
    article_id: str
    text: str
    start: int
    """Offset of the first character in the article's text."""
    end: int
    """Offset after the last character."""
    speaker: str | None = None
    """Who says it, by the article; None is the article itself."""
    cue: str | None = None
    """The words that attribute it ("said", "according to"); None without a speaker."""
    is_quoted: bool = False
    """True if most of the sentence stands between quotation marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedSentence:
    """A sentence that is not offered as a claim."""

    article_id: str
    text: str
    start: int
    end: int
    reason: str
    """A short stable code, such as ``no_verb`` or ``byline``; they are listed in claims/."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSelection:
    """The claims of a collection, article by article in order, and the sentences left out."""

    claims: tuple[Claim, ...]
    dropped: tuple[DroppedSentence, ...] = ()

    def n_dropped(self) -> dict[str, int]:
        """How many sentences were left out, by reason."""
        return dict(Counter(sentence.reason for sentence in self.dropped))


# --- pairs ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatePair:
    """Two claims of different articles that are similar enough to be compared."""

    index_a: int
    """Position of the first claim in the sequence that was paired; always below *index_b*."""
    index_b: int
    similarity: float
    """Cosine of the two embeddings."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairSelection:
    """Candidate pairs as parallel arrays, ordered by (index_a, index_b); no pair twice."""

    index_a: IntArray
    """(n_pairs,) position of the first claim."""
    index_b: IntArray
    """(n_pairs,) position of the second claim; index_a < index_b."""
    similarity: FloatArray
    """(n_pairs,) cosine."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Pairs left out, by reason: ``same_article``, ``below_min_similarity``, ``beyond_top_k``."""

    def __len__(self) -> int:
        return len(self.index_a)

    def __iter__(self) -> Iterator[CandidatePair]:
        for a, b, similarity in zip(self.index_a, self.index_b, self.similarity, strict=True):
            yield CandidatePair(index_a=int(a), index_b=int(b), similarity=float(similarity))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLabel:
    """The model's word on one pair of texts."""

    relation: Relation
    probability: float
    """Calibrated probability of *relation*."""
    probabilities: Mapping[Relation, float]
    """Of all three relations; they sum to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPair:
    """Two claims with their relation."""

    pair_id: str
    """``<claim_id of a>|<claim_id of b>``."""
    a: Claim
    b: Claim
    similarity: float
    relation: Relation
    probability: float
    probabilities: Mapping[Relation, float]


# --- comparison -------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelationScores:
    """What a model says of pairs of texts."""

    probabilities: FloatArray
    """(n_pairs, 3), columns as in RELATIONS; NaN where Ctrl-C came first."""
    n_truncated: int
    """Pairs that are longer than the model reads, and were cut."""

    @property
    def is_scored(self) -> npt.NDArray[np.bool_]:
        """(n_pairs,) False for the rows of NaN."""
        return ~np.isnan(self.probabilities[:, 0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """Which model gave the labels, for the report and the tables."""

    name: str
    """As the user asked for it: ``base``, ``mini``, a folder or a hub name."""
    source: str
    """Where its weights were read from."""
    device: str
    dtype: str
    is_calibrated: bool
    operating_point: float = 0.5
    """The probability from which on a contradiction of this model is worth showing."""


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
