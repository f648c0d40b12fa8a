"""What beats what, and what is the cheapest or the fastest that is good enough."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.gate.pareto import Point, beaten_by, best, cheapest, fastest

GOOD = Point("good", 0.95, 0.010, 2.0)
CHEAP = Point("cheap", 0.85, 0.001, 1.0)
QUICK = Point("quick", 0.85, 0.002, 0.5)
POOR = Point("poor", 0.80, 0.002, 1.0)
UNPRICED = Point("unpriced", 0.99, None, 0.1)
ALL = (GOOD, CHEAP, QUICK, POOR, UNPRICED)

places = st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.sampled_from([1.0, 2.0, 3.0]), st.sampled_from([1.0, 2.0]))


def test_what_is_no_better_in_anything_is_beaten_and_by_whom_is_said() -> None:
    assert beaten_by(ALL) == {"good": (), "cheap": (), "quick": (), "poor": ("cheap", "quick"), "unpriced": ()}


def test_equals_do_not_beat_each_other_and_half_an_ulp_is_no_difference() -> None:
    assert not any(beaten_by([CHEAP, Point("twin", 0.85 + 1e-15, 0.001, 1.0)]).values())


def test_the_cheapest_and_the_fastest_of_a_quality() -> None:
    assert cheapest(ALL, 0.8) == CHEAP
    assert fastest(ALL, 0.8) == UNPRICED
    assert cheapest(ALL, 0.9) == GOOD
    assert cheapest(ALL, 0.96) is None
    assert fastest(ALL, 0.995) is None


def test_the_best_that_is_paid_for() -> None:
    assert best(ALL, 0.02) == GOOD  # what has no price may cost anything
    assert best(ALL, 0.002) == CHEAP  # as good as the quick one, and cheaper
    assert best(ALL, 0.0005) is None


def test_a_quality_that_is_just_reached_is_reached() -> None:
    assert cheapest([CHEAP], 0.85 + 1e-15) == CHEAP


def test_of_equally_cheap_ones_the_best_is_taken() -> None:
    assert cheapest([POOR, QUICK], 0.5) == QUICK


@given(st.lists(places, min_size=1, max_size=8))
def test_something_is_always_on_the_front_and_whatever_is_not_is_beaten_by_something_that_is(
    found: list[tuple[float, float, float]],
) -> None:
    points = [Point(str(place), *values) for place, values in enumerate(found)]
    beaten = beaten_by(points)
    front = {name for name, by in beaten.items() if not by}
    assert front
    assert all(front & set(by) for by in beaten.values() if by)
