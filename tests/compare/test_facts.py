from claimnli.compare.facts import find_facts, make_fact
from claimnli.compare.groups import build_graph, group_claims
from claimnli.comparison import Fact
from claimnli.config import CompareConfig
from claimnli.records import LabelledPair, Relation
from tests.compare.graphs import ids, make_claim, make_pair, make_pairs


def facts_of(
    pairs: list[LabelledPair], origin_of: dict[str, str] | None = None
) -> tuple[Fact, ...]:
    graph = build_graph(pairs, CompareConfig())
    return find_facts(group_claims(graph, CompareConfig()), graph, origin_of or {})


def test_a_fact_names_its_articles_once_and_begins_with_the_central_claim() -> None:
    pairs = make_pairs("b1 = a1 0.9", "b1 = c1 0.9", "a1 = c1 0.6", "b1 = a2 0.9", "a2 = c1 0.6")
    (fact,) = facts_of(pairs)
    assert ids(fact.claims) == {"a1", "a2", "b1", "c1"}
    assert fact.headline == "b1"
    assert fact.article_ids == ("a", "b", "c")
    assert fact.probability == (3 * 0.9 + 2 * 0.6) / 5


def test_reprints_are_one_origin() -> None:
    (fact,) = facts_of(make_pairs("= a1,b1,c1"), {"a": "a", "b": "a", "c": "c"})
    assert len(fact.article_ids) == 3
    assert fact.n_origins == 2


def test_speakers_come_most_frequent_first_and_the_article_itself_is_none() -> None:
    claims = [
        make_claim("a1", speaker="Putin"),
        make_claim("b1", speaker="Gerasimov"),
        make_claim("c1", speaker="Gerasimov"),
        make_claim("d1"),
    ]
    pairs = [
        make_pair(a, b, Relation.AGREEMENT, 0.9)
        for i, a in enumerate(claims)
        for b in claims[i + 1 :]
    ]
    (fact,) = facts_of(pairs)
    assert fact.speakers == ("Gerasimov", "Putin")


def test_a_claim_alone_makes_no_fact() -> None:
    assert facts_of(make_pairs("a1 ~ b1", "a1 ! c1")) == ()


def test_a_claim_alone_can_be_described() -> None:
    graph = build_graph(make_pairs("a1 ! b1"), CompareConfig())
    fact = make_fact(("a1",), graph, {"a": "z"})
    assert (fact.headline, fact.n_origins, fact.probability) == ("a1", 1, 1.0)


def test_most_origins_come_first() -> None:
    pairs = make_pairs("= a1,b1,c1", "= a2,b2,c2,d2", "= e3,f3 0.99")
    found = facts_of(pairs, {"b": "a", "c": "a"})
    # a2,b2,c2,d2 has two origins and four articles, e3,f3 two and two, a1,b1,c1 one.
    assert [len(fact.claims) for fact in found] == [4, 2, 3]


def test_the_id_depends_on_the_claims_only() -> None:
    (fact,) = facts_of(make_pairs("= a1,b1 0.9"))
    (again,) = facts_of(make_pairs("b1 = a1 0.7", "a1 ~ c1"))
    (other,) = facts_of(make_pairs("= a1,b2 0.9"))
    assert fact.fact_id == again.fact_id != other.fact_id
