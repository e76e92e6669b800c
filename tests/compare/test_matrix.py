import numpy as np
import pytest

from claimnli.compare.matrix import relation_matrix
from claimnli.config import CompareConfig
from tests.compare.graphs import make_article, make_pairs


def test_counts_pairs_at_the_thresholds_symmetrically_in_the_order_of_the_articles() -> None:
    pairs = make_pairs(
        "a1 = b1", "a2 = b2 0.5", "a3 = b3 0.49", "a1 ! c1", "c2 ! a2 0.4", "b1 ~ c1"
    )
    articles = [make_article(article_id) for article_id in "cabd"]
    matrix = relation_matrix(articles, pairs, CompareConfig(min_contradiction_probability=0.5))

    assert matrix.article_ids == ("c", "a", "b", "d")
    np.testing.assert_array_equal(
        matrix.n_agreements, [[0, 0, 0, 0], [0, 0, 2, 0], [0, 2, 0, 0], [0, 0, 0, 0]]
    )
    np.testing.assert_array_equal(
        matrix.n_contradictions, [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    )
    assert matrix.n_agreements.dtype == np.int32


def test_a_pair_of_an_unknown_article_is_an_error() -> None:
    with pytest.raises(KeyError, match="b"):
        relation_matrix([make_article("a")], make_pairs("a1 = b1"), CompareConfig())
