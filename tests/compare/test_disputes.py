import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimnli.compare import compare_claims
from claimnli.comparison import Dispute
from claimnli.config import CompareConfig
from claimnli.records import LabelledPair
from tests.compare.graphs import ids, make_article, make_articles, make_pair, make_pairs
from tests.compare.test_groups import RELATED, random_pairs


def disputes_of(
    pairs: list[LabelledPair],
    origin_of: dict[str, str] | None = None,
    config: CompareConfig | None = None,
) -> tuple[Dispute, ...]:
    config = config or CompareConfig()
    return compare_claims(make_articles(pairs), pairs, origin_of or {}, config).disputes


def sides(dispute: Dispute) -> set[frozenset[str]]:
    return {frozenset(ids(side.claims)) for side in (dispute.side_a, dispute.side_b)}


def sets(*names: str) -> set[frozenset[str]]:
    return {frozenset(name.split()) for name in names}


def test_contradictions_between_two_facts_are_one_dispute() -> None:
    pairs = make_pairs("= a1,b1,c1", "= a2,d2", "a1 ! d2 0.7", "c1 ! a2 0.95", "b1 ! d2 0.6")
    (dispute,) = disputes_of(pairs)
    assert sides(dispute) == sets("a1 b1 c1", "a2 d2")
    assert ids(dispute.side_a.claims) == {"a1", "b1", "c1"}  # more origins
    assert [pair.probability for pair in dispute.pairs] == [0.95, 0.7, 0.6]
    assert dispute.probability == 0.95
    for pair in dispute.pairs:
        assert pair.a.claim_id in {"a1", "b1", "c1"}
        assert pair.b.claim_id in {"a2", "d2"}


def test_a_turned_pair_keeps_its_id() -> None:
    pairs = make_pairs("= b1,c1", "a1 ! b1")
    (dispute,) = disputes_of(pairs)
    assert dispute.pairs[0].a.claim_id == "b1"
    assert dispute.pairs[0].pair_id == "a1|b1"


def test_two_single_claims_can_be_a_dispute() -> None:
    (dispute,) = disputes_of(make_pairs("a1 ! b1"))
    assert sides(dispute) == sets("a1", "b1")


def test_a_contradiction_below_the_threshold_is_none() -> None:
    config = CompareConfig(min_contradiction_probability=0.8)
    assert disputes_of(make_pairs("a1 ! b1 0.79"), config=config) == ()
    assert len(disputes_of(make_pairs("a1 ! b1 0.8"), config=config)) == 1


def test_a_claim_that_reports_both_sides_stands_on_neither() -> None:
    pairs = make_pairs(
        "= a1,b1,c1", "= a2,b2,c2", "a1,b1,c1 ! a2,b2,c2", "x1 = a1,b1,c1", "x1 = a2,b2,c2"
    )
    (dispute,) = disputes_of(pairs)
    assert sides(dispute) == sets("a1 b1 c1", "a2 b2 c2")
    assert ids(dispute.both_sides) == {"x1"}


def test_denials_in_different_words_are_one_side() -> None:
    # "A propaganda trick" (a2, b2) and "our troops still hold it" (c2, d2) are two facts that
    # agree here and there, and both deny what a1, b1, c1 say.
    pairs = make_pairs(
        "= a1,b1,c1", "= a2,b2", "= c2,d2", "a2 = d2 0.6", "a2 ~ c2", "b2 ~ c2,d2",
        "a1,b1,c1 ! a2,b2", "a1,b1,c1 ! c2,d2",
    )  # fmt: skip
    (dispute,) = disputes_of(pairs)
    assert sides(dispute) == sets("a1 b1 c1", "a2 b2 c2 d2")


def test_three_figures_are_three_disputes() -> None:
    pairs = make_pairs("= a1,b1", "= c1,d1", "= e1,f1", "a1,b1 ! c1,d1,e1,f1", "c1,d1 ! e1,f1")
    assert {frozenset(sides(d)) for d in disputes_of(pairs)} == {
        frozenset(sets("a1 b1", "c1 d1")),
        frozenset(sets("a1 b1", "e1 f1")),
        frozenset(sets("c1 d1", "e1 f1")),
    }


def test_a_claim_contradicted_for_two_reasons_is_two_disputes() -> None:
    pairs = make_pairs("= a1,b1", "= c1,d1", "= e1,f1", "a1,b1 ! c1,d1,e1,f1", "c1,d1 ~ e1,f1")
    assert len(disputes_of(pairs)) == 2


def test_one_contradiction_among_many_pairs_sets_only_its_claims_against_each_other() -> None:
    pairs = make_pairs("= a1,b1,c1", "= a2,b2,c2", "a1 ! b2", "a1,b1,c1 ~ a2,c2", "b1,c1 ~ b2,a2")
    (dispute,) = disputes_of(list({p.pair_id: p for p in reversed(pairs)}.values()))
    assert sides(dispute) == sets("a1", "b2")


def test_sentences_of_both_sides_do_not_hide_that_two_facts_stand_against_each_other() -> None:
    # a2 and b2 also report the claim that they deny, and the model calls that agreement.
    pairs = make_pairs(
        "= a1,b1,c1", "= a2,b2,c2,d2,e2", "a2 = b1,c1 0.6", "b2 = a1 0.6", "b2 ~ c1",
        "a1,b1,c1 ! d2 0.8", "a1,b1 ! c2 0.8", "a1 ~ e2",
    )  # fmt: skip
    (dispute,) = disputes_of(pairs)
    assert sides(dispute) == sets("a1 b1 c1", "c2 d2 e2")


def test_one_contradiction_brings_one_claim_of_a_related_fact_along() -> None:
    # c3 and d3 go with a1, b1, c1, but only c3 was compared with the other side.
    pairs = make_pairs(
        "= a1,b1,c1", "= a2,b2", "a1,b1,c1 ! a2,b2", "= c3,d3", "c3,d3 = a1 0.6", "c3 ! b2"
    )
    (dispute,) = disputes_of(pairs)
    assert sides(dispute) == sets("a1 b1 c1 c3", "a2 b2")


def test_a_stray_contradiction_does_not_draw_a_fact_into_a_camp() -> None:
    # e3 and f3 tell of something else; the model errs in two of the many pairs.
    pairs = make_pairs(
        "= a1,b1,c1", "= a2,b2,c2,d2", "a1,b1,c1 ! a2,b2,c2,d2", "= e3,f3",
        "e3 = a1 0.6", "e3 ! b2 0.6", "e3 ~ b1,c1,a2,c2,d2", "f3 ~ a1,b1,c1,a2,b2,c2,d2",
    )  # fmt: skip
    first, second = disputes_of(pairs)
    assert sides(first) == sets("a1 b1 c1", "a2 b2 c2 d2")
    assert sides(second) == sets("e3", "b2")


@pytest.mark.parametrize(("probability", "n_disputes"), [(0.8, 0), (0.95, 1)])
def test_inside_a_fact_only_a_strong_contradiction_stands(
    probability: float, n_disputes: int
) -> None:
    pairs = make_pairs("= a1,b1,c1,d1,e1", "f1 = a1,b1,c1,d1", f"f1 ! e1 {probability}")
    assert len(compare_claims(make_articles(pairs), pairs, {}, CompareConfig()).facts) == 1
    found = disputes_of(pairs)
    assert len(found) == n_disputes
    assert all(sides(dispute) == sets("f1", "e1") for dispute in found)


def test_independent_origins_on_both_sides_come_first_then_articles_then_probability() -> None:
    pairs = make_pairs(
        "= a1,b1,c1,d1,e1", "a1,b1,c1,d1,e1 ! f1 0.99",  # five against one
        "= a2,b2", "= c2,d2", "a2,b2 ! c2,d2 0.6",  # two against two
        "e3 ! f3 0.8", "e4 ! f4 0.9",  # one against one
    )  # fmt: skip
    found = disputes_of(pairs)
    assert [d.probability for d in found] == [0.6, 0.99, 0.9, 0.8]
    # If c only reprints d, the dispute of a2,b2 has one origin on its weaker side and falls.
    found = disputes_of(pairs, {"c": "d"})
    assert [d.probability for d in found] == [0.99, 0.6, 0.9, 0.8]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("2025-04-26", "2025-04-26", "2025-04-27"), True),
        (("2025-04-28T08:00:00Z", "2025-04-28", "2025-04-27"), True),
        (("2025-04-27T23:00:00Z", "2025-04-26", "2025-04-27T01:00:00Z"), False),
        (("2025-04-26", "2025-04-28", "2025-04-27"), False),
        (("2025-04-26", None, "2025-04-27"), True),
        ((None, None, "2025-04-27"), False),
        (("2025-04-26", "2025-04-26", None), False),
    ],
)
def test_a_later_side_may_be_an_update(
    days: tuple[str | None, str | None, str | None], expected: bool
) -> None:
    pairs = make_pairs("= a1,b1", "a1,b1 ! c1")
    articles = [
        make_article(article_id, published=day) for article_id, day in zip("abc", days, strict=True)
    ]
    (dispute,) = compare_claims(articles, pairs, {}, CompareConfig()).disputes
    assert dispute.may_be_update is expected


@settings(max_examples=100, deadline=None)
@given(
    st.lists(RELATED, max_size=60).map(random_pairs),
    st.randoms(use_true_random=False),
    st.sampled_from([{}, {"b": "a", "d": "c"}]),
)
def test_whatever_the_pairs(
    pairs: list[LabelledPair], rng: random.Random, origin_of: dict[str, str]
) -> None:
    config = CompareConfig()
    articles = make_articles(pairs)
    found = compare_claims(articles, pairs, origin_of, config)

    in_facts = [claim.claim_id for fact in found.facts for claim in fact.claims]
    assert len(in_facts) == len(set(in_facts))
    assert all(len(fact.article_ids) > 1 for fact in found.facts)

    shown = [frozenset((p.a.claim_id, p.b.claim_id)) for d in found.disputes for p in d.pairs]
    assert len(shown) == len(set(shown))
    assert len({d.dispute_id for d in found.disputes}) == len(found.disputes)
    for dispute in found.disputes:
        assert dispute.pairs
        side_a, side_b = ids(dispute.side_a.claims), ids(dispute.side_b.claims)
        assert not side_a & side_b
        assert not ids(dispute.both_sides) & (side_a | side_b)
        assert {p.a.claim_id for p in dispute.pairs} <= side_a
        assert {p.b.claim_id for p in dispute.pairs} <= side_b
    strong = {
        frozenset((p.a.claim_id, p.b.claim_id))
        for p in pairs
        if p.relation == "contradiction" and p.probability >= 0.9
    }
    assert strong <= set(shown)

    turned = [
        make_pair(p.b, p.a, p.relation, p.probability) if rng.random() < 0.5 else p
        for p in rng.sample(pairs, len(pairs))
    ]
    again = compare_claims(articles, turned, origin_of, config)
    assert again.facts == found.facts
    assert [(d.dispute_id, d.side_a, d.side_b, d.both_sides) for d in again.disputes] == [
        (d.dispute_id, d.side_a, d.side_b, d.both_sides) for d in found.disputes
    ]
