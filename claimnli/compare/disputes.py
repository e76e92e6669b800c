"""Disputes: groups of claims that contradict each other, gathered into two sides."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from claimnli.compare.facts import make_fact, stable_id
from claimnli.compare.groups import ClaimGraph
from claimnli.comparison import Dispute, Fact
from claimnli.config import CompareConfig
from claimnli.records import Article, LabelledPair

_MIN_OPPOSITION = 0.25
"""Two groups stand against each other as a whole if the contradictions between them weigh, in the
mean over all pairs, at least this, and the agreements (of sentences that report both sides) do not
outweigh them. Models contradict a few pairs in a hundred wrongly: one such pair among twenty must
not set all claims of two facts against each other. (docs/log.md has the figures.)"""
_MIN_KINSHIP = 0.1
"""Two groups stand together if the mean weight between them is at least this."""


def find_disputes(
    groups: Sequence[Sequence[str]],
    graph: ClaimGraph,
    articles: Sequence[Article],
    origin_of: Mapping[str, str],
    config: CompareConfig,
) -> tuple[Dispute, ...]:
    """Gather the contradictions of *graph* into disputes; no pair of claims is in two of them.

    The order is by independent origins of the weaker side, then by articles, then by probability.
    side_a is the one of more origins. A claim that agrees with both sides ("..., which Kyiv
    denied") stands on neither but in *both_sides*.

    A contradiction at or above the threshold is left out only if a claim of it agrees, on the
    whole, with the group of the other, and its probability is below
    *config.min_inner_contradiction_probability*: the agreements around it are evidence against it.
    """
    field_of_dispute = _Field.of(groups, graph, config)
    published = {article.article_id: article.published for article in articles}
    facts: dict[tuple[str, ...], Fact] = {}

    def fact(claim_ids: tuple[str, ...]) -> Fact:
        if claim_ids not in facts:
            facts[claim_ids] = make_fact(claim_ids, graph, origin_of)
        return facts[claim_ids]

    disputes = []
    for pairs, sides in field_of_dispute.disputes():
        side_a, side_b = sorted((fact(sides[0]), fact(sides[1])), key=_weight_of_side)
        on_side_a = {claim.claim_id for claim in side_a.claims}
        # The id of the pair stays that of the pairs table, whichever claim is now *a*.
        turned = [p if p.a.claim_id in on_side_a else replace(p, a=p.b, b=p.a) for p in pairs]
        turned.sort(key=lambda pair: (-pair.probability, pair.a.claim_id, pair.b.claim_id))
        disputes.append(
            Dispute(
                dispute_id=stable_id((side_a.fact_id, side_b.fact_id)),
                side_a=side_a,
                side_b=side_b,
                pairs=tuple(turned),
                probability=turned[0].probability,
                may_be_update=_may_be_update(side_a, side_b, published),
                both_sides=tuple(graph.claims[i] for i in _agreeing_with_both(sides, graph)),
            )
        )
    return tuple(sorted(disputes, key=_rank))


@dataclass(slots=True, kw_only=True)
class _Field:
    """Groups as nodes of a signed graph: who stands with whom, and against whom."""

    groups: Sequence[Sequence[str]]
    graph: ClaimGraph
    group_of: dict[str, int]
    ties: dict[int, dict[int, "_Tie"]] = field(default_factory=lambda: defaultdict(dict))
    """Group -> group -> what the pairs between their claims come to; symmetric."""
    lone: list[LabelledPair] = field(default_factory=list)
    """Contradictions strong enough to stand although the groups around them agree."""
    between: dict[tuple[int, int], list[LabelledPair]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """The other contradictions, by their two groups, lower number first."""

    @classmethod
    def of(
        cls, groups: Sequence[Sequence[str]], graph: ClaimGraph, config: CompareConfig
    ) -> "_Field":
        group_of = {claim_id: g for g, group in enumerate(groups) for claim_id in group}
        self = cls(groups=groups, graph=graph, group_of=group_of)
        stance: dict[tuple[str, int], float] = defaultdict(float)
        for a, row in graph.weights.items():
            for b, weight in row.items():
                g, h = group_of[a], group_of[b]
                stance[a, h] += weight
                if g != h:
                    self.ties[g].setdefault(h, _Tie()).add(_Tie.of(weight))
        for pair in graph.contradictions:
            a, b = pair.a.claim_id, pair.b.claim_id
            g, h = group_of[a], group_of[b]
            if g != h and stance[a, h] <= 0 and stance[b, g] <= 0:
                self.between[min(g, h), max(g, h)].append(pair)
            elif pair.probability >= config.min_inner_contradiction_probability:
                self.lone.append(pair)
        return self

    def disputes(self) -> Iterator[tuple[list[LabelledPair], tuple[tuple[str, ...], ...]]]:
        """The pairs of each dispute and the claim ids of its two sides."""
        for pair in self.lone:
            yield [pair], ((pair.a.claim_id,), (pair.b.claim_id,))
        left = dict(self.between)
        strength = {key: sum(p.probability for p in pairs) for key, pairs in left.items()}
        for key in sorted(left, key=lambda key: (-strength[key], key)):
            if key not in left:
                continue
            camps = self._camps(*key, left)
            pairs = []
            for g in camps[0]:
                for h in camps[1] & self.ties[g].keys():
                    pairs += left.pop((min(g, h), max(g, h)), [])
            yield pairs, self._sides(camps, pairs)

    def _camps(
        self, g: int, h: int, left: Mapping[tuple[int, int], object]
    ) -> tuple[set[int], set[int]]:
        """Grow two camps from the groups *g* and *h* with the contradictions that are *left*.

        The denials of one claim seldom say the same ("a propaganda trick", "our troops still hold
        the town") and so are several groups. A group joins the camp that it agrees with, if it
        stands against the other as a whole.
        """
        camps: tuple[set[int], set[int]] = (set(), set())
        pull: dict[int, list[_Tie]] = defaultdict(lambda: [_Tie(), _Tie()])
        waiting: deque[int] = deque()

        def join(group: int, side: int) -> None:
            camps[side].add(group)
            for neighbour, tie in self.ties[group].items():
                pull[neighbour][side].add(tie)
                waiting.append(neighbour)

        join(g, 0)
        join(h, 1)
        while waiting:
            group = waiting.popleft()
            if group in camps[0] or group in camps[1]:
                continue
            for side in (0, 1):
                is_drawn = pull[group][side].mean >= _MIN_KINSHIP
                is_opposed = pull[group][1 - side].is_opposition
                keys = ((min(group, h), max(group, h)) for h in camps[1 - side])
                if is_drawn and is_opposed and any(key in left for key in keys):
                    join(group, side)
        return camps

    def _sides(
        self, camps: tuple[set[int], set[int]], pairs: Sequence[LabelledPair]
    ) -> tuple[tuple[str, ...], ...]:
        """The claims of each camp that stand against the other.

        Of a group that does as a whole, these are all but those that agree with the other camp; of
        any other group, only the claims of *pairs*.
        """
        claims = [[c for g in sorted(camp) for c in self.groups[g]] for camp in camps]
        stance: dict[str, float] = defaultdict(float)
        opposition: dict[int, _Tie] = defaultdict(_Tie)
        smaller, larger = (0, 1) if len(claims[0]) <= len(claims[1]) else (1, 0)
        for a in claims[smaller]:
            for b, weight in self.graph.weights[a].items():
                if self.group_of[b] in camps[larger]:
                    for claim_id in (a, b):
                        stance[claim_id] += weight
                        opposition[self.group_of[claim_id]].add(_Tie.of(weight))
        contradicting = {claim.claim_id for pair in pairs for claim in (pair.a, pair.b)}

        def stands(claim_id: str) -> bool:
            tie = opposition[self.group_of[claim_id]]
            is_whole = tie.is_opposition and tie.n_contradictions > 1
            return claim_id in contradicting or (is_whole and stance[claim_id] <= 0.0)

        return tuple(tuple(filter(stands, side)) for side in claims)


@dataclass(slots=True)
class _Tie:
    """Sums over the pairs between two groups of claims."""

    agreement: float = 0.0
    contradiction: float = 0.0
    n_contradictions: int = 0
    n_pairs: int = 0

    @classmethod
    def of(cls, weight: float) -> "_Tie":
        """The tie of one pair."""
        return cls(max(weight, 0.0), max(-weight, 0.0), int(weight < 0), 1)

    def add(self, other: "_Tie") -> None:
        self.agreement += other.agreement
        self.contradiction += other.contradiction
        self.n_contradictions += other.n_contradictions
        self.n_pairs += other.n_pairs

    @property
    def mean(self) -> float:
        """Mean weight of the pairs."""
        return (self.agreement - self.contradiction) / self.n_pairs if self.n_pairs else 0.0

    @property
    def is_opposition(self) -> bool:
        """Whether the groups stand against each other as a whole."""
        return (
            self.contradiction >= max(_MIN_OPPOSITION * self.n_pairs, self.agreement)
            and self.n_pairs > 0
        )


def _agreeing_with_both(sides: tuple[tuple[str, ...], ...], graph: ClaimGraph) -> list[str]:
    smaller, larger = sorted(map(set, sides), key=len)
    agreeing = {b for a in smaller for b, weight in graph.weights[a].items() if weight > 0}
    return sorted(
        claim_id
        for claim_id in agreeing - smaller - larger
        if any(w > 0 and other in larger for other, w in graph.weights[claim_id].items())
    )


def _weight_of_side(side: Fact) -> tuple[int, int, int, str]:
    return (-side.n_origins, -len(side.article_ids), -len(side.claims), side.fact_id)


def _rank(dispute: Dispute) -> tuple[int, int, float, str]:
    a, b = dispute.side_a, dispute.side_b
    n_articles = len({*a.article_ids, *b.article_ids})
    return (-min(a.n_origins, b.n_origins), -n_articles, -dispute.probability, dispute.dispute_id)


def _may_be_update(a: Fact, b: Fact, published: Mapping[str, str | None]) -> bool:
    """True if every dated article of one side is of an earlier day than every one of the other."""
    # ISO 8601 begins with the day, and days in it sort as text.
    days_a, days_b = (
        [day[:10] for article_id in side.article_ids if (day := published.get(article_id))]
        for side in (a, b)
    )
    if not days_a or not days_b:
        return False
    return max(days_a) < min(days_b) or max(days_b) < min(days_a)
