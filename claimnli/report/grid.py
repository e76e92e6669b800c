"""The article-by-article matrix, as a heat table or, for many articles, as a list of pairs."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from claimnli.comparison import RelationMatrix
from claimnli.records import IntArray

N_LEVELS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One pair of articles: counts of pairs of statements, and shades from 0 to N_LEVELS."""

    column: int
    """Position of the other article in the matrix."""
    n_agreements: int
    n_contradictions: int
    agreement_level: int
    contradiction_level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePair:
    """Two articles, by position in the matrix."""

    row: int
    column: int
    n_agreements: int
    n_contradictions: int


def rows(matrix: RelationMatrix) -> Iterator[tuple[int, list[Cell]]]:
    """(position, cells) of each article, in the order of the matrix."""
    agreement, contradiction = _levels(matrix.n_agreements), _levels(matrix.n_contradictions)
    n_articles = len(matrix.article_ids)
    for row in range(n_articles):
        yield (
            row,
            [
                Cell(
                    column=column,
                    n_agreements=int(matrix.n_agreements[row, column]),
                    n_contradictions=int(matrix.n_contradictions[row, column]),
                    agreement_level=int(agreement[row, column]),
                    contradiction_level=int(contradiction[row, column]),
                )
                for column in range(n_articles)
            ],
        )


def related_pairs(matrix: RelationMatrix) -> list[ArticlePair]:
    """The pairs of articles with any agreement or contradiction, each once, in matrix order."""
    upper = np.triu(matrix.n_agreements + matrix.n_contradictions, k=1)
    return [
        ArticlePair(
            row=int(row),
            column=int(column),
            n_agreements=int(matrix.n_agreements[row, column]),
            n_contradictions=int(matrix.n_contradictions[row, column]),
        )
        for row, column in zip(*upper.nonzero(), strict=True)
    ]


def strongest_first(pairs: list[ArticlePair]) -> list[ArticlePair]:
    """*pairs* with the most contradictions, then the most agreements, first."""
    return sorted(pairs, key=lambda pair: (-pair.n_contradictions, -pair.n_agreements))


def _levels(counts: IntArray) -> IntArray:
    """Shades by the square root, so that one large count does not make all others pale."""
    largest = counts.max(initial=N_LEVELS)
    levels: IntArray = np.ceil(np.sqrt(counts / largest) * N_LEVELS).astype(np.int32)
    return levels
