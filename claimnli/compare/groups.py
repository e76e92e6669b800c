"""Claims that say the same, grouped by greedy average linkage on signed pairs.

Connected components of agreement chain: one sentence that reports two things ("..., which Kyiv
denied") agrees with both and would glue them together. So two groups become one only if the *mean*
over all pairs between them says so, an agreement counting +p, a contradiction -p, any other pair 0.
The groups merge greedily, as in edge contraction for correlation clustering (Bansal et al.,
"Correlation Clustering", 2004; Keuper et al., "Efficient Decomposition of Image and Mesh Graphs by
Lifted Multicuts", 2015), with the mean of average linkage in place of the sum, since the sum lets
two large groups join over a small majority. Which pair of groups is next is decided by balance: a
friend of a friend and an enemy of an enemy speak for a pair, a friend of an enemy against it. So
the core of a fact forms before its fringe, and a sentence that reports two sides comes last.
"""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from claimnli.config import CompareConfig
from claimnli.records import Claim, LabelledPair, Relation

_EXPECTED_NEIGHBOURS = 5
"""Pairs that pairing left out count 0 in the mean, as unlike claims seldom agree. But a claim is
compared with some 20 others however many say the same, so against a larger group no more than this
many of its pairs are expected to be there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClaimGraph:
    """The pairs that count, claim by claim: what facts and disputes are made of."""

    weights: Mapping[str, Mapping[str, float]]
    """claim_id -> claim_id -> +probability of an agreement, -probability of a contradiction, 0 for
    any other pair; symmetric. Claims and neighbours in the order of their ids."""
    claims: Mapping[str, Claim]
    """claim_id -> claim, of the claims that stand in a pair."""
    contradictions: tuple[LabelledPair, ...]
    """Those at or above the threshold, in the order of their claims' ids."""


def build_graph(pairs: Sequence[LabelledPair], config: CompareConfig) -> ClaimGraph:
    """The graph of *pairs*, whatever their order; below its threshold, a relation weighs 0."""
    # Sums of floats depend on their order: sorted once here, all that follows is reproducible.
    ordered = sorted(pairs, key=lambda pair: sorted((pair.a.claim_id, pair.b.claim_id)))
    claims = {claim.claim_id: claim for pair in ordered for claim in (pair.a, pair.b)}
    weights: dict[str, dict[str, float]] = {claim_id: {} for claim_id in sorted(claims)}
    for pair in ordered:
        weight = pair_weight(pair, config)
        weights[pair.a.claim_id][pair.b.claim_id] = weight
        weights[pair.b.claim_id][pair.a.claim_id] = weight
    return ClaimGraph(
        weights=weights,
        claims=claims,
        contradictions=tuple(pair for pair in ordered if pair_weight(pair, config) < 0),
    )


def pair_weight(pair: LabelledPair, config: CompareConfig) -> float:
    """+probability of an agreement, -probability of a contradiction, 0 below the thresholds."""
    if pair.relation is Relation.AGREEMENT:
        return pair.probability if pair.probability >= config.min_agreement_probability else 0.0
    if pair.relation is Relation.CONTRADICTION:
        is_shown = pair.probability >= config.min_contradiction_probability
        return -pair.probability if is_shown else 0.0
    return 0.0


def n_weak(pairs: Sequence[LabelledPair], config: CompareConfig) -> dict[str, int]:
    """How many agreements and contradictions are below their thresholds, and so link nothing."""
    weak = [
        p.relation
        for p in pairs
        if p.relation is not Relation.UNRELATED and not pair_weight(p, config)
    ]
    return {
        "weak_agreement": weak.count(Relation.AGREEMENT),
        "weak_contradiction": weak.count(Relation.CONTRADICTION),
    }


def group_claims(graph: ClaimGraph, config: CompareConfig) -> tuple[tuple[str, ...], ...]:
    """Split the claims of *graph* into groups that say the same; a claim alone is a group too.

    Returns ids, sorted within each group and by the first of each. Near-linear in the pairs: the
    smaller neighbourhood is merged into the larger, and the means in the heap are corrected only
    when they come up (a group that has grown can only lower them).
    """
    ids = list(graph.weights)
    grouping = _Grouping.of(graph, config.min_mean_agreement)
    grouping.merge_all()
    groups = (sorted(group) for group in grouping.members if group)
    return tuple(sorted(tuple(ids[i] for i in group) for group in groups))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """Sums over the labelled pairs between two groups."""

    balance: float
    weight: float
    n_pairs: int

    def __add__(self, other: "_Link") -> "_Link":
        return _Link(
            balance=self.balance + other.balance,
            weight=self.weight + other.weight,
            n_pairs=self.n_pairs + other.n_pairs,
        )


@dataclass(slots=True, kw_only=True)
class _Grouping:
    """Groups that merge; a group is named by the position of one of its claims."""

    min_mean: float
    members: list[list[int]]
    """Positions of the claims of each group; empty once it is part of another."""
    first: list[int]
    """The lowest of them."""
    links: list[dict[int, _Link]]
    """Group -> neighbouring group -> link; symmetric."""
    heap: list[tuple[float, int, int, int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, graph: ClaimGraph, min_mean: float) -> "_Grouping":
        number = {claim_id: i for i, claim_id in enumerate(graph.weights)}
        balance = _balance(graph)
        return cls(
            min_mean=min_mean,
            members=[[i] for i in range(len(number))],
            first=list(range(len(number))),
            links=[
                {
                    number[b]: _Link(balance=balance[a][b], weight=w, n_pairs=1)
                    for b, w in row.items()
                }
                for a, row in graph.weights.items()
            ],
        )

    def merge_all(self) -> None:
        for a, row in enumerate(self.links):
            for b in row:
                if a < b:
                    self._offer(a, b)
        while self.heap:
            negative, _, _, a, b = heapq.heappop(self.heap)
            if b not in self.links[a]:
                continue  # one of them is now part of another group
            link, n = self.links[a][b], self._n_expected(a, b)
            if link.balance / n != -negative:
                # If it is higher now, it was offered anew when it rose.
                if link.balance / n < -negative:
                    self._offer(a, b)
            elif link.weight / n >= self.min_mean:
                self._merge(a, b)

    def _n_expected(self, a: int, b: int) -> int:
        sizes = (min(len(self.members[group]), _EXPECTED_NEIGHBOURS) for group in (a, b))
        return max(self.links[a][b].n_pairs, math.prod(sizes))

    def _offer(self, a: int, b: int) -> None:
        link, n = self.links[a][b], self._n_expected(a, b)
        if link.weight / n >= self.min_mean:
            # Of equal balances, the groups that hold the first ids come first.
            low, high = sorted((self.first[a], self.first[b]))
            heapq.heappush(self.heap, (-link.balance / n, low, high, a, b))

    def _merge(self, a: int, b: int) -> None:
        links, members = self.links, self.members
        if len(links[a]) < len(links[b]):
            a, b = b, a
        del links[a][b], links[b][a]
        larger, smaller = sorted((members[a], members[b]), key=len, reverse=True)
        larger.extend(smaller)
        members[a], members[b] = larger, []
        self.first[a] = min(self.first[a], self.first[b])
        for c, link in links[b].items():
            links[a][c] = links[c][a] = links[a][c] + link if c in links[a] else link
            del links[c][b]
            self._offer(a, c)
        links[b] = {}


def _balance(graph: ClaimGraph) -> dict[str, dict[str, float]]:
    """The weight of each pair; if it agrees, plus the products of the weights to each common
    neighbour (+ for a common friend or enemy, - where one is friend to the other's enemy)."""
    signed = {a: {b: w for b, w in row.items() if w} for a, row in graph.weights.items()}
    balance: dict[str, dict[str, float]] = {a: dict(row) for a, row in graph.weights.items()}
    for a, row in signed.items():
        for b, weight in row.items():
            if a < b and weight > 0:
                few, many = sorted((row, signed[b]), key=len)
                total = weight + sum(w * many[c] for c, w in few.items() if c in many)
                balance[a][b] = balance[b][a] = total
    return balance
