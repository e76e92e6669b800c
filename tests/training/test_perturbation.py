import re

import numpy as np
import pytest

from claimnli.training.perturbation import perturbed_pairs

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(13)


def test_one_side_conflicts_and_both_sides_agree(rng: np.random.Generator) -> None:
    pairs = perturbed_pairs("The quake killed 240 people.", "A quake left 240 dead.", rng)
    (a, b, label), (twin_a, twin_b, twin_label) = pairs
    assert (label, twin_label) == ("contradiction", "agreement")
    figures = [re.findall(r"\d+", text)[0] for text in (a, b, twin_a, twin_b)]
    assert sorted(figures[:2]) == sorted(("240", figures[2]))
    assert figures[2] == figures[3] != "240"


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("Tuesday", r"\w+day"),
        ("August", r"[A-Z]\w+"),
        ("seven", r"[a-z]+"),
        ("1987", r"(19|20)\d\d"),
        ("7", r"\d{1,2}"),
        ("12,400", r"\d{1,3}(,\d{3})?"),
        ("4.5", r"\d+\.\d"),
    ],
)
def test_the_new_value_has_the_form_of_the_old(
    value: str, form: str, rng: np.random.Generator
) -> None:
    for _ in range(20):
        _, (a, b, _) = perturbed_pairs(f"It was {value} then.", f"So {value} it was.", rng)
        new = re.fullmatch(r"It was (.*) then\.", a)
        assert new is not None
        assert new[1] != value
        assert re.fullmatch(form, new[1]), new[1]
        assert b == f"So {new[1]} it was."


@pytest.mark.parametrize(
    ("premise", "hypothesis"),
    [
        ("The quake killed 240 people.", "A quake left 241 dead."),
        ("More than 200 died.", "They counted 200 dead."),
        ("A Boeing 737 crashed.", "The jet, a Boeing 737, fell."),
        ("He was 40, she was 40.", "Both are 40."),
        ("The town fell, Kyiv said on Friday.", "The town has been taken, it said on Friday."),
        ("The town fell on Friday.", "The army announced on Friday that the town fell."),
        ("It cost 1,200 dollars.", "It cost 200 dollars."),
        ("It cost 1, 200 dollars.", "It cost 1, 200 francs."),
        ("It fell at 2: 16 p. m.", "At 2: 16 p. m. it fell."),
        ("Call 745 - 4811.", "The number is 745 - 4811."),
        ("It grew by 0.0 percent.", "Growth was 0.0 percent."),
        (f"On {', '.join(DAYS)} it rained.", f"It rained {', '.join(DAYS)}."),
    ],
)
def test_no_conflict_is_made_where_none_is_sure(
    premise: str, hypothesis: str, rng: np.random.Generator
) -> None:
    assert perturbed_pairs(premise, hypothesis, rng) == []


def test_the_draw_is_that_of_the_generator() -> None:
    texts = ("On Friday 240 people left.", "240 people went on Friday.")
    first, second = (perturbed_pairs(*texts, np.random.default_rng(5)) for _ in range(2))
    assert first == second
