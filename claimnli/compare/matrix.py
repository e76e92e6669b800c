"""How much two articles agree and contradict, counted in pairs of claims."""

from collections.abc import Sequence

import numpy as np

from claimnli.compare.groups import pair_weight
from claimnli.comparison import RelationMatrix
from claimnli.config import CompareConfig
from claimnli.records import Article, LabelledPair


def relation_matrix(
    articles: Sequence[Article], pairs: Sequence[LabelledPair], config: CompareConfig
) -> RelationMatrix:
    """Count the agreements and contradictions at or above the thresholds, article by article.

    Rows and columns are in the order of *articles*.
    """
    row = {article.article_id: i for i, article in enumerate(articles)}
    n_agreements = np.zeros((len(articles), len(articles)), dtype=np.int32)
    n_contradictions = np.zeros_like(n_agreements)
    for pair in pairs:
        if weight := pair_weight(pair, config):
            counts = n_agreements if weight > 0 else n_contradictions
            i, j = row[pair.a.article_id], row[pair.b.article_id]
            counts[i, j] += 1
            counts[j, i] += 1
    return RelationMatrix(
        article_ids=tuple(row), n_agreements=n_agreements, n_contradictions=n_contradictions
    )
