from claimnli.training.same_article import same_article_pairs
from tests.fakes import FakeEncoder


class UnitEncoder(FakeEncoder):
    """As the real one: of unit length."""

    def encode(self, texts):  # type: ignore[no-untyped-def]
        vectors = super().encode(texts)
        return vectors / (vectors**2).sum(axis=1, keepdims=True) ** 0.5


ARTICLES = [
    [
        "The mayor of Halden resigned on Monday after a vote.",
        "The mayor of Halden resigned after losing the council vote.",
        "The mayor of Halden will speak to the council on Friday.",
        "By Ana Keller",
    ],
    ["The mayor of Halden resigned on Monday evening after the vote."],
]


def test_pairs_are_similar_sentences_of_one_article() -> None:
    pairs = same_article_pairs(ARTICLES, UnitEncoder(), n_pairs=10, seed=0)
    assert {frozenset(pair) for pair in pairs} <= {
        frozenset((a, b)) for a in ARTICLES[0][:3] for b in ARTICLES[0][:3] if a != b
    }
    assert len(pairs) >= 2
    assert pairs == same_article_pairs(ARTICLES, UnitEncoder(), n_pairs=10, seed=0)
    assert len(same_article_pairs(ARTICLES, UnitEncoder(), n_pairs=1, seed=0)) == 1


def test_held_out_sentences_are_left_out() -> None:
    held_out = ["the mayor of Halden resigned on Monday, after a vote"]
    pairs = same_article_pairs(ARTICLES, UnitEncoder(), n_pairs=10, seed=0, held_out=held_out)
    assert ARTICLES[0][0] not in {text for pair in pairs for text in pair}


def test_no_pairs() -> None:
    assert same_article_pairs([["One sentence."]], UnitEncoder(), n_pairs=10, seed=0) == []
