"""The example that a newcomer runs first, with the model that is bundled: no fake here."""

from itertools import combinations
from pathlib import Path

import pytest

import claimnli
from claimnli.comparison import Comparison, Fact
from claimnli.records import Relation

SEEDS = Path(__file__).parents[1] / "seeds"
FRAGMENTS = ("Source link", "CMSD", "0.0100", "B.Chan", "With Post wires", "Diplomatic efforts")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return claimnli.load("mini", device="cpu").compare(SEEDS)


def says(fact: Fact, *words: str) -> bool:
    return any(word in claim.text for claim in fact.claims for word in words)


def test_claims_are_verbatim_and_no_fragments(comparison: Comparison) -> None:
    texts = {article.article_id: article.text for article in comparison.articles}
    assert len(texts) == 5
    for claim in comparison.claims:
        assert texts[claim.article_id][claim.start : claim.end] == claim.text
        assert not claim.text.startswith(FRAGMENTS)


def test_the_denial_contradicts_the_claim_to_have_retaken_kursk(comparison: Comparison) -> None:
    """Some pair does; mini is too small to gather all of them into one dispute (docs/log.md)."""
    claim = ("liberated", "recaptured", "retaken")
    denial = ("challenged", "disputed", "denied", "rejected", "propaganda")
    texts = [
        (pair.a.text, pair.b.text)
        for dispute in comparison.disputes
        for pair in dispute.pairs
        if pair.relation is Relation.CONTRADICTION
    ]
    either_way = [*texts, *((b, a) for a, b in texts)]
    assert any(
        any(word in a for word in claim) and any(word in b for word in denial)
        for a, b in either_way
    )


def test_articles_agree_on_the_north_korean_soldiers(comparison: Comparison) -> None:
    facts = [fact for fact in comparison.facts if says(fact, "North Korea")]
    assert max(len(fact.article_ids) for fact in facts) >= 3


def test_no_two_claims_of_one_article_are_a_pair(comparison: Comparison) -> None:
    assert all(pair.a.article_id != pair.b.article_id for pair in comparison.pairs)
    ids = {pair.pair_id for pair in comparison.pairs}
    assert len(ids) == len(comparison.pairs)


def test_facts_share_no_claim(comparison: Comparison) -> None:
    for first, second in combinations(comparison.facts, 2):
        assert not set(first.claims) & set(second.claims)
