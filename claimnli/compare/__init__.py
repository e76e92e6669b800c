"""From labelled pairs to facts, disputes and the article-by-article matrix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claimnli.compare.disputes import find_disputes
from claimnli.compare.facts import find_facts
from claimnli.compare.groups import build_graph, group_claims, n_weak
from claimnli.compare.matrix import relation_matrix
from claimnli.comparison import Dispute, Fact, RelationMatrix
from claimnli.config import CompareConfig
from claimnli.records import Article, LabelledPair

__all__ = ["Findings", "compare_claims", "n_weak"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Findings:
    """What the labelled pairs of a collection come to."""

    facts: tuple[Fact, ...]
    """Most origins first."""
    disputes: tuple[Dispute, ...]
    """Most origins on both sides first."""
    matrix: RelationMatrix


def compare_claims(
    articles: Sequence[Article],
    pairs: Sequence[LabelledPair],
    origin_of: Mapping[str, str],
    config: CompareConfig,
) -> Findings:
    """Find the facts and disputes in *pairs*, which hold claims of *articles* only.

    *origin_of* maps an article's id to that of the article it reprints, or to itself. The result
    does not depend on the order of *pairs* or of the two claims in a pair.
    """
    graph = build_graph(pairs, config)
    groups = group_claims(graph, config)
    return Findings(
        facts=find_facts(groups, graph, origin_of),
        disputes=find_disputes(groups, graph, articles, origin_of, config),
        matrix=relation_matrix(articles, pairs, config),
    )
