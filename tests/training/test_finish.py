import numpy as np

from claimnli.training.finish import names_of_natural_sets, operating_point
from claimnli.training.metrics import CurvePoint


def curve(*rates: float) -> list[CurvePoint]:
    """False contradictions at 0.4, 0.5, 0.6 ..."""
    return [
        CurvePoint(
            threshold=round(0.4 + 0.1 * i, 1),
            n_called=9,
            precision=0.5,
            recall=0.5,
            false_contradiction_rate=rate,
        )
        for i, rate in enumerate(rates)
    ]


def test_the_operating_point_is_the_lowest_at_which_false_contradictions_are_rare() -> None:
    assert operating_point(curve(0.09, 0.05, 0.02, 0.01, 0.0), 0.02) == 0.6
    assert operating_point(curve(0.0, 0.0, 0.0), 0.02) == 0.5


def test_the_operating_point_is_the_highest_if_they_never_are() -> None:
    assert operating_point(curve(0.09, 0.08, 0.07), 0.02) == 0.6


def test_the_operating_point_is_chosen_where_contradictions_are_rare() -> None:
    rare = np.array([0] * 10 + [1] + [2] * 20)
    written = np.array([0, 1, 2] * 5)
    assert names_of_natural_sets({"written": written, "events": rare}) == ["events"]
    assert names_of_natural_sets({"written": written}) == ["written"]
