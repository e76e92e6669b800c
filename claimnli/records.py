"""The records of claimnli. Open this file first: whoever knows them knows the program.

    folder -> Article -> Claim -> vector -> CandidatePair -> LabelledPair -> Comparison -> report

What comes after the labelled pairs is in claimnli/comparison.py.
Each stage is a plain function from one of these records to the next. Every record is frozen. What
a stage leaves out is kept beside what it returns, with the reason, so that no count goes missing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

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
