"""Candidate pairs for a teacher."""

from pathlib import Path
from typing import Any

import numpy as np

from claimnli.config import Config, PairingConfig
from claimnli.training.label_tables import article_id
from claimnli.training.unlabelled import (
    half_related,
    texts_by_event,
    texts_by_rumour,
    unlabelled_pairs,
)
from tests.fakes import FakeEncoder

MAYOR = [
    "The mayor of Halden resigned on Monday after a vote.",
    "The mayor of Halden resigned after losing the council vote, the town said.",
    "The mayor of Halden has not resigned, her office said on Monday.",
]
STORM = [
    "A storm closed the port of Tromso on Friday for two days.",
    "The port of Tromso was closed by a storm on Friday.",
]
CONFIG = Config(pairing=PairingConfig(min_similarity=-1.0))


def draw(n_pairs: int = 100, **settings: object) -> list[tuple[str, str]]:
    return unlabelled_pairs(
        [MAYOR, STORM],
        FakeEncoder(),
        CONFIG,
        n_pairs=n_pairs,
        seed=3,
        **settings,  # type: ignore[arg-type]
    )


def test_pairs_are_of_articles_on_one_event() -> None:
    pairs = draw()
    assert {frozenset(pair) for pair in pairs} == {
        *(frozenset((a, b)) for a in MAYOR for b in MAYOR if a != b),
        frozenset(STORM),
    }
    assert len(pairs) == 4
    assert draw() == pairs
    assert set(draw(2)) <= {*pairs, *((b, a) for a, b in pairs)}
    assert len(draw(2)) == 2


def test_held_out_sentences_are_left_out() -> None:
    pairs = draw(held_out=["the mayor of Halden resigned, on Monday, after a vote"])
    assert {frozenset(pair) for pair in pairs} == {frozenset(MAYOR[1:]), frozenset(STORM)}


def test_reprints_and_lonely_articles_make_no_pairs() -> None:
    events = [[MAYOR[0], MAYOR[0]], [STORM[0]], []]
    assert unlabelled_pairs(events, FakeEncoder(), CONFIG, n_pairs=9, seed=0) == []


def test_half_of_the_pairs_are_related() -> None:
    pairs = [(f"{word} {i}", f"{word} {i + 1}") for i in range(10) for word in ("same", "other")]

    class Model:
        def relation_probabilities(self, texts: list[str], a: Any, b: Any) -> Any:
            is_same = np.array([texts[i].startswith("same") for i in a])
            return np.where(is_same[:, None], [0.6, 0.1, 0.3], [0.3, 0.1, 0.6])

    def draw(pairs: list[tuple[str, str]], n_pairs: int) -> list[tuple[str, str]]:
        return half_related(pairs, Model(), n_pairs=n_pairs, seed=1)  # type: ignore[arg-type]

    chosen = draw(pairs, 8)
    assert len(chosen) == 8
    assert sum(a.startswith("same") for a, _ in chosen) == 4
    assert chosen == sorted(chosen, key=pairs.index) == draw(pairs, 8)
    # As many of both as there are of the rarer.
    assert len(draw(pairs[:6] + pairs[1::2], 100)) == 6


def test_articles_are_grouped_by_event_and_by_rumour(tmp_path: Path) -> None:
    rows = [
        {"event": "1", "article": "a", "sentences": "A storm , they said .\nIt passed ."},
        {"event": "2", "article": "b", "sentences": "Held out ."},
        {"event": "1", "article": "c", "sentences": "No storm ."},
    ]
    assert texts_by_event(rows, held_out={"2"}) == [
        ["A storm, they said.\n\nIt passed.", "No storm."]
    ]
    labels = tmp_path / "train.csv"
    names = [article_id(text) for text in (*MAYOR, *STORM)]
    labels.write_text(
        "rumour,article_a,start_a,end_a,article_b,start_b,end_b,label\n"
        f"0,{names[0]},0,5,{names[1]},0,5,agreement\n"
        f"0,{names[1]},0,5,{names[2]},0,5,unrelated\n"
        f"1,{names[3]},0,5,000000000000,0,5,unrelated\n"
    )
    assert texts_by_rumour(labels, [*STORM, *MAYOR]) == [MAYOR, STORM[:1]]
