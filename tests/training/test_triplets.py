import numpy as np
import pytest

from claimnli.training.events import EventSentences
from claimnli.training.mixture import TARGETS, Examples
from claimnli.training.triplets import Stories, Triplet, make_triplets
from tests.fakes import FakeEncoder

FLOOD = EventSentences(
    event="flood",
    texts=[
        "The flood killed nine people in Halden.",
        "Nine people died in the flood.",
        "The mayor thanked the fire brigade.",
        "All rights reserved by the agency.",
    ],
    articles=["a", "b", "b", "a"],
)
FIRE = EventSentences(
    event="fire",
    texts=["A fire burnt down the mill.", "All rights reserved by the agency."],
    articles=["c", "c"],
)
EVENTS = {"flood": FLOOD, "fire": FIRE}


class UnitEncoder(FakeEncoder):
    """As the real one: of unit length."""

    def encode(self, texts):  # type: ignore[no-untyped-def]
        vectors = super().encode(texts)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def make_examples(*rows: tuple[str, str, str]) -> Examples:
    premises, hypotheses, labels = zip(*rows, strict=True)
    return Examples(
        premises=list(premises),
        hypotheses=list(hypotheses),
        targets=np.array([TARGETS[label] for label in labels], dtype=np.float32),
    )


def triplets_of(examples: Examples, *, held_out: tuple[str, ...] = ()) -> list[Triplet]:
    return make_triplets(
        examples, EVENTS, UnitEncoder(), max_similarity=0.5, seed=0, held_out=held_out
    )


def test_agreement_and_contradiction_meet_and_a_labelled_pair_parts() -> None:
    killed, died, thanked, _ = FLOOD.texts
    triplets = triplets_of(
        make_examples(
            (killed, died, "agreement"),
            (killed, "Nobody was killed in Halden.", "contradiction"),
            ("Halden lies on a river.", killed, "unrelated"),
            (killed, thanked, "not_contradiction"),
        )
    )
    assert [(t.anchor, t.positive) for t in triplets] == [
        (killed, died),
        (killed, "Nobody was killed in Halden."),
    ]
    assert {t.negative for t in triplets} == {"Halden lies on a river."}
    assert len({t.story for t in triplets}) == 1


def test_without_a_label_the_negative_is_another_sentence_of_the_event() -> None:
    killed, died, thanked, _ = FLOOD.texts
    (triplet,) = triplets_of(make_examples((killed, died, "agreement")))
    assert triplet.negative in FLOOD.texts[2:]
    (triplet,) = triplets_of(
        make_examples((killed, died, "agreement")), held_out=(FLOOD.texts[3].upper(),)
    )
    assert triplet.negative == thanked


def test_without_an_event_the_negative_is_of_another_pair() -> None:
    examples = make_examples(
        ("Copper rose above a record price.", "The price of copper set a record.", "agreement"),
        ("Copper rose above a record price.", "Copper fell on Monday.", "contradiction"),
        ("Two ministers met in Lisbon.", "There was no meeting in Lisbon.", "contradiction"),
    )
    copper, again, lisbon = triplets_of(examples)
    assert {copper.negative, again.negative} <= {lisbon.anchor, lisbon.positive}
    assert lisbon.negative in {copper.anchor, copper.positive, again.positive}
    assert copper.story == again.story != lisbon.story


def test_a_text_too_near_or_known_to_agree_is_no_negative() -> None:
    killed, died, thanked, rights = FLOOD.texts
    examples = make_examples(
        (killed, died, "agreement"), (killed, thanked, "agreement"), (killed, rights, "agreement")
    )
    assert triplets_of(examples) == []
    one = make_examples((killed, died, "agreement"))
    assert make_triplets(one, EVENTS, UnitEncoder(), max_similarity=-1.0, seed=0) == []


def test_a_line_of_several_events_does_not_link_them() -> None:
    stories = Stories(EVENTS, [("A written one.", FIRE.texts[0])])
    assert stories.of(FLOOD.texts[0]) != stories.of(FIRE.texts[0]) == stories.of("A written one.")
    assert stories.of("Never seen.") not in {stories.of(FLOOD.texts[0]), stories.of(FIRE.texts[0])}


@pytest.mark.parametrize("turned", [False, True])
def test_an_event_names_its_story_from_either_side(turned: bool) -> None:
    pair = ("A written one.", FIRE.texts[0])
    stories = Stories(EVENTS, [pair[::-1] if turned else pair])
    assert stories.is_event(stories.of("A written one."))
