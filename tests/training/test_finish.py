from claimnli.training.finish import operating_point
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
