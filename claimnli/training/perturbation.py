"""Contradictions by a changed figure or day, made from pairs that agree.

Two long sentences of a news event that differ in one figure are the contradictions that models miss
most, and labelled ones are rare. Where both sentences of an agreeing pair hold the same figure, day
or month, a change in one of them makes a conflict, and the same change in both keeps the agreement:
the pair of both teaches that the figure decides, and not that it looks changed.
"""

import re

import numpy as np

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
"""Without May, which is a verb at the head of a sentence."""
_WORDS = (
    "two", "three", "four", "five", "six", "seven",
    "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_VALUE = re.compile(
    rf"(?<![\w.,:/-])(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?(?![\w:/-]|[.,]\d)"
    rf"|\b(?:{'|'.join((*_DAYS, *_MONTHS, *_WORDS))})\b"
)
_VAGUE = re.compile(
    r"\b(?:than|least|most|over|under|nearly|almost|about|around|some|roughly|approximately|"
    r"estimated|to|or|and|between|magnitude)\W+$",
    re.IGNORECASE,
)
"""Before a figure: "more than 200" and "more than 300" need not conflict."""
_AFTER_A_FIGURE = re.compile(r"\d\s*[,.:/-]\s*$")
_BEFORE_A_FIGURE = re.compile(r"^\s*[,.:/-]\s*\d")
"""Tokenised text has "more than 1, 200", "2: 16 p. m." and "907 - 745 - 4811"."""
_OF_A_NAME = re.compile(rf"(?<!^)\b(?!(?:{'|'.join(_MONTHS)}|May)\b)[A-Z][\w.]* $")
"""A capital before a figure: Boeing 737, Windows 7."""
_SPEECH = (
    r"\b(?:said|says|told|saying|announc\w+|report\w*|communicat\w+|stat(?:ed|ement)|confirm\w+|"
    r"declar\w+|boast\w+|claim\w*|admit\w+|reveal\w+|according|acknowledg\w+|insist\w+|add(?:ed|ing))\b"
)
_DAY_OF_SPEECH = re.compile(rf"{_SPEECH}(?:\W+\w+){{0,4}}\W+$", re.IGNORECASE)
_SPEECH_OF_DAY = re.compile(rf"^(?:\W+\w+){{0,3}}\W+{_SPEECH}", re.IGNORECASE)
"""One may say on Friday what another says on Saturday."""
_YEARS = range(1900, 2100)


def perturbed_pairs(
    premise: str, hypothesis: str, rng: np.random.Generator
) -> list[tuple[str, str, str]]:
    """The pairs with their labels made from one pair that agrees: a contradiction and, in a random
    order, its twin that agrees; none if the two share no value that can be changed."""
    left, right = _values(premise), _values(hypothesis)
    shared = sorted(left.keys() & right.keys())
    if not shared:
        return []
    value = shared[rng.integers(len(shared))]
    other = _another(value, rng, taken={*_VALUE.findall(premise), *_VALUE.findall(hypothesis)})
    if other is None:
        return []
    new_premise = _replaced(premise, left[value], other)
    new_hypothesis = _replaced(hypothesis, right[value], other)
    conflict = (new_premise, hypothesis) if rng.random() < 0.5 else (premise, new_hypothesis)
    return [(*conflict, "contradiction"), (new_premise, new_hypothesis, "agreement")]


def _values(text: str) -> dict[str, re.Match[str]]:
    """What can be changed in *text*, by its wording: exact values that occur once."""
    matches = list(_VALUE.finditer(text))
    wordings = [match.group() for match in matches]
    return {
        match.group(): match
        for match in matches
        if wordings.count(match.group()) == 1 and _is_exact(match)
    }


def _is_exact(match: re.Match[str]) -> bool:
    before, after = match.string[: match.start()], match.string[match.end() :]
    if match.group() in _DAYS:
        return not (_DAY_OF_SPEECH.search(before) or _SPEECH_OF_DAY.search(after))
    if match.group() in _MONTHS:
        return True
    if _VAGUE.search(before):
        return False
    is_part = _AFTER_A_FIGURE.search(before) or _BEFORE_A_FIGURE.search(after)
    is_digits = match.group()[0].isdigit()
    return not (is_digits and (is_part or _OF_A_NAME.search(before)))


def _replaced(text: str, match: re.Match[str], other: str) -> str:
    return text[: match.start()] + other + text[match.end() :]


def _another(value: str, rng: np.random.Generator, taken: set[str]) -> str | None:
    """A value of the same kind and form, and none of *taken*; None if there is none."""
    for family in (_DAYS, _MONTHS, _WORDS):
        if value in family:
            left = [word for word in family if word not in taken]
            return str(rng.choice(left)) if left else None
    drawn = (_another_figure(value, rng) for _ in range(20))
    return next((other for other in drawn if other not in taken), None)


def _another_figure(figure: str, rng: np.random.Generator) -> str:
    number = float(figure.replace(",", ""))
    decimals = len(figure.partition(".")[2])
    if not decimals and number in _YEARS and "," not in figure:
        return str(int(number) + int(rng.choice([-1, 1])) * int(rng.integers(1, 8)))
    if not decimals and number < 100:
        # Days of a month, ages, small counts: another of about the size.
        reach = max(6, int(number) // 2)
        return str(rng.integers(max(1, int(number) - reach), int(number) + reach + 1))
    factor = float(rng.uniform(1.15, 2.2)) ** (1 if rng.random() < 0.5 else -1)
    digits = figure.replace(",", "").replace(".", "").strip("0")
    new = _rounded(number * factor, len(digits), decimals)
    return f"{new:,.{decimals}f}" if "," in figure else f"{new:.{decimals}f}"


def _rounded(number: float, n_digits: int, decimals: int) -> float:
    """To as many significant digits as the figure it takes the place of: 1,200 is not 1,873."""
    return round(float(f"{number:.{max(1, n_digits)}g}"), decimals)
