"""Facts: groups of claims that several articles make, described for the reader."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from claimnli.compare.groups import ClaimGraph
from claimnli.comparison import Fact


def find_facts(
    groups: Iterable[Sequence[str]], graph: ClaimGraph, origin_of: Mapping[str, str]
) -> tuple[Fact, ...]:
    """The groups that at least two articles make, most origins first, then most articles.

    *groups* holds claim ids, as from group_claims; *origin_of* maps an article's id to that of the
    article it reprints, and may leave out those that reprint none.
    """
    facts = [make_fact(group, graph, origin_of) for group in groups if len(group) > 1]
    return tuple(
        sorted(
            (fact for fact in facts if len(fact.article_ids) > 1),
            key=lambda fact: (
                -fact.n_origins,
                -len(fact.article_ids),
                -fact.probability,
                fact.fact_id,
            ),
        )
    )


def make_fact(claim_ids: Sequence[str], graph: ClaimGraph, origin_of: Mapping[str, str]) -> Fact:
    """Describe *claim_ids* as one fact, the claim that agrees most with the others first."""
    inside = set(claim_ids)
    centrality = {}
    agreements = []
    for claim_id in claim_ids:
        own = [w for other, w in graph.weights[claim_id].items() if other in inside and w > 0]
        centrality[claim_id] = sum(own)
        agreements += own
    ordered = sorted(claim_ids, key=lambda claim_id: (-centrality[claim_id], claim_id))
    claims = tuple(graph.claims[claim_id] for claim_id in ordered)
    article_ids = tuple(sorted({claim.article_id for claim in claims}))
    speakers = Counter(claim.speaker for claim in claims if claim.speaker is not None)
    return Fact(
        fact_id=stable_id(claim_ids),
        claims=claims,
        article_ids=article_ids,
        n_origins=len({origin_of.get(article_id, article_id) for article_id in article_ids}),
        speakers=tuple(speaker for speaker, _ in speakers.most_common()),
        # Each agreement is there from both of its ends, which leaves the mean as it is.
        probability=sum(agreements) / len(agreements) if agreements else 1.0,
    )


def stable_id(names: Iterable[str]) -> str:
    """Twelve hexadecimal digits that depend on the set of *names* only."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:12]
