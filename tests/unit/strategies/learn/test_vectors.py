from itertools import pairwise

import pytest
from fakes.lessons import outcome, random_samples, sample

from pytest_llmcost.domain.policy import PolicyStep
from pytest_llmcost.strategies.learn.calibrated import Bound
from pytest_llmcost.strategies.learn.samples import halves, passage
from pytest_llmcost.strategies.learn.vectors import LEVELS, MOST_WAYS, calibrate_vectors, possible_ways

STEPS = ("cheap", "mid", "dear")
BOUND = Bound(0.05, 0.9, is_net=False)


def three_kinds(count: int) -> list:
    """Of ten cases six are easy, three take mid, one takes dear; a wrong answer is unsure, a right one is sure."""
    found = []
    for number in range(count):
        cheap, mid = number % 10 < 6, number % 10 < 9
        found.append(
            sample(
                f"{number:04}",
                cheap=outcome(float(cheap), "0.001", 0.9 if cheap else 0.2),
                mid=outcome(float(mid), "0.01", 0.8 if mid else 0.1),
                dear=outcome(1.0, "0.1"),
            )
        )
    return found


def test_each_case_is_answered_by_the_cheapest_step_that_can():
    found = calibrate_vectors(*halves(three_kinds(400), 0), STEPS, BOUND)
    first, second, last = found.chosen.way
    assert [step.use for step in found.chosen.way] == ["cheap", "mid", "dear"]
    assert 0.2 < first.accept <= 0.9
    assert 0.1 < second.accept <= 0.8
    assert last.accept is None
    assert (found.chosen.quality, found.chosen.loss) == (1.0, 0.0)
    assert found.asked == pytest.approx((1.0, 0.4, 0.1), abs=0.05)  # (a half has not just a tenth of each kind)
    assert float(found.chosen.usd) == pytest.approx(0.001 + 0.01 * found.asked[1] + 0.1 * found.asked[2])


def test_a_step_that_is_worth_nothing_is_left_out():
    """The confidence of mid is the same for all its answers, and of these half are wrong."""
    cases = [
        sample(
            number,
            cheap=outcome(float(number % 4 > 0), "0.001", 0.9 if number % 4 else 0.2),
            mid=outcome(float(number % 8 > 3), "0.05", 0.5),
            dear=outcome(1.0, "0.1"),
        )
        for number in range(400)
    ]
    found = calibrate_vectors(*halves(cases, 0), STEPS, BOUND)
    assert [step.use for step in found.chosen.way] == ["cheap", "dear"]


def test_nothing_is_learned_from_the_half_that_tests():
    first, second = halves(three_kinds(400), 0)
    spoilt = [
        sample(one.case, cheap=outcome(0.0, "0.001", 0.9), mid=outcome(0.0, "0.01", 0.9), dear=outcome(1.0, "0.1"))
        for one in second
    ]
    found = calibrate_vectors(first, spoilt, STEPS, BOUND)
    assert found.chosen is found.safe
    assert len(found.points) > 1


def test_with_too_few_cases_all_go_to_the_last_step_and_it_is_said_how_many_are_needed():
    found = calibrate_vectors(*halves(three_kinds(80), 0), STEPS, BOUND)
    assert (found.is_too_few, found.units, found.needed, found.in_all(found.needed)) == (True, 40, 45, 90)
    assert found.chosen is found.safe


def test_where_no_case_says_what_is_tried_nothing_is_tried():
    found = calibrate_vectors([], three_kinds(100), STEPS, BOUND)
    assert found.points == (found.safe,)
    assert found.naive == found.safe


def test_thresholds_are_quantiles_none_rises_and_a_step_may_be_left_out():
    ways = list(possible_ways(random_samples(3, 200), STEPS))
    assert len(set(ways)) == len(ways)
    assert {tuple(step.use for step in way) for way in ways} == {
        ("dear",),
        ("cheap", "dear"),
        ("mid", "dear"),
        ("cheap", "mid", "dear"),
    }
    for way in ways:
        assert all(before.accept >= after.accept for before, after in pairwise(way[:-1]))
    told = sorted({round(step.accept, 3) for way in ways for step in way if step.use == "cheap"})
    assert told[0] == 0.0
    assert len(told) <= 20


@pytest.mark.parametrize("steps", [3, 4, 5, 6, 7])
def test_the_longer_the_cascade_the_fewer_thresholds_of_each_step_are_tried(steps):
    names = [f"s{place}" for place in range(steps)]
    cases = [
        sample(
            number, **{name: outcome(confidence=(number * (place + 3)) % 97 / 97) for place, name in enumerate(names)}
        )
        for number in range(97)
    ]
    assert steps < len(list(possible_ways(cases, names))) <= MOST_WAYS


@pytest.mark.parametrize("seed", range(8))
def test_what_is_tried_is_what_trying_out_everything_finds(seed):
    """By brute force on small data."""
    first, second = halves(random_samples(seed, 60), seed)
    found = calibrate_vectors(first, second, STEPS, BOUND)

    def seen(way):
        gone = [passage(one, way) for one in first]
        alone = [passage(one, (PolicyStep("dear"),)) for one in first]
        lost = sum(max(0.0, old.score - new.score) for old, new in zip(alone, gone, strict=True))
        return sum(one.usd for one in gone), lost

    everything = [seen(way) for way in possible_ways(first, STEPS)]
    dear, _ = seen((PolicyStep("dear"),))
    cheaper = [one for one in everything if one[0] < dear]
    tried = [seen(point.way) for point in found.points[1:]]
    assert bool(cheaper) == bool(tried)
    assert [usd for usd, _ in tried] == sorted((usd for usd, _ in tried), reverse=True)
    assert [lost for _, lost in tried] == sorted(lost for _, lost in tried)
    width = (dear - min(usd for usd, _ in cheaper)) / LEVELS if cheaper else 0
    for usd, lost in cheaper:
        # Whatever there is, something that is tried loses no more, and costs at most a level of cost more.
        assert any(other <= lost and about <= usd + width for about, other in tried)
