import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimnli.compare.groups import build_graph, group_claims
from claimnli.config import CompareConfig
from claimnli.records import LabelledPair, Relation
from tests.compare.graphs import make_claim, make_pair, make_pairs


def group(pairs: list[LabelledPair], config: CompareConfig | None = None) -> set[frozenset[str]]:
    config = config or CompareConfig()
    return {frozenset(names) for names in group_claims(build_graph(pairs, config), config)}


def sets(*names: str) -> set[frozenset[str]]:
    return {frozenset(name.split()) for name in names}


def test_claims_that_all_agree_are_one_group() -> None:
    assert group(make_pairs("= a1,b1,c1,d1")) == sets("a1 b1 c1 d1")


def test_an_unrelated_pair_links_nothing() -> None:
    assert group(make_pairs("a1 ~ b1 0.99")) == sets("a1", "b1")


def test_a_chain_does_not_become_a_blob() -> None:
    # Connected components would make one group of all six.
    pairs = make_pairs("a1 = b1", "b1 = c1 0.8", "c1 = d1", "d1 = e1 0.8", "e1 = f1")
    assert group(pairs) == sets("a1 b1", "c1 d1", "e1 f1")


def test_one_bridge_does_not_join_two_groups() -> None:
    pairs = make_pairs("= a1,b1,c1", "= d2,e2,f2", "c1 = d2 0.99")
    assert group(pairs) == sets("a1 b1 c1", "d2 e2 f2")


def test_contradicting_claims_are_kept_apart_by_what_agrees_with_both() -> None:
    assert group(make_pairs("a1 = b1 0.95", "b1 = c1 0.9", "a1 ! c1 0.9")) == sets("a1 b1", "c1")


def test_a_two_sided_claim_joins_one_side_and_glues_nothing() -> None:
    # x reports both sides, so it agrees with both; the sides contradict each other.
    pairs = make_pairs(
        "= a1,b1,c1", "= a2,b2,c2", "a1,b1,c1 ! a2,b2,c2", "x1 = a1,b1,c1 0.95", "x1 = a2,b2,c2"
    )
    assert group(pairs) == sets("a1 b1 c1 x1", "a2 b2 c2")


def test_several_two_sided_claims_glue_nothing() -> None:
    pairs = make_pairs(
        "= a1,b1,c1", "= a2,b2,c2", "a1,b1,c1 ! a2,b2,c2", "= x1,y1,z1,u1",
        "x1,y1,z1,u1 = a1,b1,c1,a2,b2,c2",
    )  # fmt: skip
    found = group(pairs)
    assert sum(len(names) for names in found) == 10
    assert not any({"a1", "b1", "c1"} & names and {"a2", "b2", "c2"} & names for names in found)


def test_a_missed_pair_and_a_false_contradiction_do_not_break_a_group() -> None:
    pairs = make_pairs("= a1,b1,c1,d1", "e1 = a1,b1,c1", "e1 ~ d1")
    assert group(pairs) == sets("a1 b1 c1 d1 e1")
    pairs = make_pairs("= a1,b1,c1,d1", "e1 = a1,b1,c1,d1", "f1 = a1,b1,c1,d1", "e1 ! f1 0.7")
    assert group(pairs) == sets("a1 b1 c1 d1 e1 f1")


def test_two_claims_of_an_article_join_through_others() -> None:
    # The headline a1 and the lead a2 say the same; they are never compared with each other.
    assert group(make_pairs("a1,a2 = b1,c1", "b1 = c1")) == sets("a1 a2 b1 c1")


def test_pairs_that_pairing_left_out_speak_against_joining() -> None:
    assert group(make_pairs("a1 = b1 0.95", "b1 = c1")) == sets("a1 b1", "c1")


def test_a_fact_of_far_more_claims_than_neighbours_stays_whole() -> None:
    # 200 articles print the same sentence; each claim was compared with some of the others only.
    claims = [make_claim(f"{chr(0x4E00 + i)}1") for i in range(200)]
    pairs = [
        make_pair(claims[i], claims[(i + step) % 200], Relation.AGREEMENT, 0.95)
        for i in range(200)
        for step in range(1, 11)
    ]
    assert len(group(pairs)) == 1


@pytest.mark.parametrize(("probability", "n_groups"), [(0.59, 2), (0.6, 1)])
def test_thresholds_are_those_of_the_config(probability: float, n_groups: int) -> None:
    config = CompareConfig(min_agreement_probability=0.6)
    assert len(group(make_pairs(f"a1 = b1 {probability}"), config)) == n_groups


def test_a_lower_mean_joins_more() -> None:
    pairs = make_pairs("a1 = b1", "b1 = c1", "a1 ~ c1")
    assert len(group(pairs, CompareConfig(min_mean_agreement=0.5))) == 2
    assert len(group(pairs, CompareConfig(min_mean_agreement=0.4))) == 1


RELATED = st.tuples(
    st.tuples(st.sampled_from("abcdef"), st.integers(1, 3)),
    st.tuples(st.sampled_from("abcdef"), st.integers(1, 3)),
    st.sampled_from(list(Relation)),
    st.sampled_from([0.4, 0.55, 0.7, 0.7, 0.9, 0.9]),
)


def random_pairs(
    rows: list[tuple[tuple[str, int], tuple[str, int], Relation, float]],
) -> list[LabelledPair]:
    pairs = {}
    for (article_a, a), (article_b, b), relation, probability in rows:
        if article_a < article_b:
            name_a, name_b = f"{article_a}{a}", f"{article_b}{b}"
            pairs[name_a, name_b] = make_pair(
                make_claim(name_a), make_claim(name_b), relation, probability
            )
    return list(pairs.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(RELATED, max_size=60).map(random_pairs), st.randoms(use_true_random=False))
def test_every_claim_is_in_one_group_whatever_the_order(
    pairs: list[LabelledPair], rng: random.Random
) -> None:
    config = CompareConfig()
    groups = group_claims(build_graph(pairs, config), config)
    members = [name for names in groups for name in names]
    assert sorted(members) == sorted({c.claim_id for pair in pairs for c in (pair.a, pair.b)})

    shuffled = [
        make_pair(pair.b, pair.a, pair.relation, pair.probability) if rng.random() < 0.5 else pair
        for pair in rng.sample(pairs, len(pairs))
    ]
    assert group_claims(build_graph(shuffled, config), config) == groups


@settings(max_examples=60, deadline=None)
@given(st.lists(RELATED, max_size=60).map(random_pairs))
def test_no_two_groups_are_left_that_should_be_one(pairs: list[LabelledPair]) -> None:
    config = CompareConfig()
    graph = build_graph(pairs, config)
    groups = group_claims(graph, config)
    for i, first in enumerate(groups):
        for second in groups[i + 1 :]:
            weights = [graph.weights[a][b] for a in first for b in second if b in graph.weights[a]]
            n_expected = min(len(first), 5) * min(len(second), 5)
            mean = sum(weights) / max(len(weights), n_expected)
            assert mean < config.min_mean_agreement + 1e-9


def test_twenty_thousand_pairs_are_a_matter_of_moments() -> None:
    # A fact of a thousand claims, where merging is dearest, beside a thousand claims in small ones.
    rng = random.Random(0)
    claims = [make_claim(f"{chr(0x4E00 + i)}{i}") for i in range(2000)]
    pairs = [
        make_pair(claims[a], claims[b], Relation.AGREEMENT, 0.6 + 0.4 * rng.random())
        for a in range(1000)
        for b in {(a + step) % 1000 for step in range(1, 16)}
    ] + [
        make_pair(claims[a], claims[b], Relation.AGREEMENT, 0.6 + 0.4 * rng.random())
        for a in range(1000, 2000)
        for b in range(a + 1, a - a % 10 + 10)
    ]
    config = CompareConfig()
    started = time.process_time()
    groups = group_claims(build_graph(pairs, config), config)
    # A fifth of a second alone; the limit leaves room for a busy machine and fails at a square.
    assert time.process_time() - started < 5
    assert len(groups) < 300
