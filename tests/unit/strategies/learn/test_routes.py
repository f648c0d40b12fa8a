from decimal import Decimal

import pytest
from fakes.lessons import outcome, sample

from pytest_llmcost.domain.policy import PolicyStep
from pytest_llmcost.strategies.learn.candidates import single
from pytest_llmcost.strategies.learn.routes import Goal, learn_routes
from pytest_llmcost.strategies.learn.samples import halves

GOAL = Goal(loss=0.05, confidence=0.9)
CHEAP, DEAR = single("cheap"), single("dear")


def cases(kind: str, count: int, wrong: int = 0, confidence=lambda right: None, seconds=(1.0, 1.0)):
    """Cases that `dear` gets right; `cheap`, at a tenth of its cost, gets every so manieth wrong."""
    found = []
    for number in range(count):
        right = not wrong or number % wrong != 0
        cheap = outcome(float(right), "0.001", confidence(right), seconds=seconds[0])
        found.append(sample(f"{kind}{number:03}", kind, cheap=cheap, dear=outcome(1.0, "0.01", seconds=seconds[1])))
    return found


def learned(samples, goal=GOAL, **options):
    return learn_routes(*halves(samples, 0), ("cheap", "dear"), goal, **options)


def test_easy_types_go_to_the_cheap_strategy_and_hard_ones_stay_with_the_safe_one():
    found = learned([*cases("easy", 200), *cases("hard", 100, wrong=2)])
    assert found.safe == "dear"
    assert found.ways == {"easy": CHEAP, "hard": DEAR}
    assert found.measured.loss == 0
    assert float(found.measured.usd) == pytest.approx(0.004)
    assert found.shown == ("dear",)


def test_the_bound_is_one_for_all_the_traffic():
    """A hard type that is rare may lose more than the bound: all together lose less."""
    found = learned([*cases("easy", 400), *cases("rare", 8, wrong=2)])
    assert found.ways == {"easy": CHEAP, "rare": CHEAP}
    assert 0 < found.measured.loss < 0.05
    assert found.shown == ("cheap", "dear")


def test_the_mix_of_production_counts_and_not_that_of_the_benchmark():
    samples = [*cases("easy", 400), *cases("rare", 8, wrong=2)]
    found = learned(samples, shares={"easy": 0.5, "rare": 0.5})
    assert found.ways == {"easy": CHEAP, "rare": DEAR}


def test_a_type_whose_sure_answers_are_right_gets_a_cascade():
    found = learned(cases("mixed", 400, wrong=4, confidence=lambda right: 0.9 if right else 0.2))
    first, last = found.ways["mixed"]
    assert (first.use, last) == ("cheap", PolicyStep("dear"))
    assert 0.2 < first.accept <= 0.9
    assert found.measured.quality == 1.0
    assert Decimal("0.003") < found.measured.usd < Decimal("0.004")


def test_a_type_may_get_a_cascade_of_three():
    """Of ten cases six are easy, three take mid, one takes dear; a wrong answer is unsure, a right one is sure."""
    samples = [
        sample(
            f"{number:03}",
            "mixed",
            cheap=outcome(float(number % 10 < 6), "0.001", 0.9 if number % 10 < 6 else 0.2),
            mid=outcome(float(number % 10 < 9), "0.01", 0.8 if number % 10 < 9 else 0.15),
            dear=outcome(1.0, "0.1"),
        )
        for number in range(400)
    ]
    found = learn_routes(*halves(samples, 0), ("cheap", "mid", "dear"), GOAL)
    first, second, last = found.ways["mixed"]
    assert ([first.use, second.use], last) == (["cheap", "mid"], PolicyStep("dear"))
    assert 0.2 < second.accept <= first.accept <= 0.9
    assert found.measured.quality == 1.0


def test_a_cheap_strategy_that_is_better_is_the_safe_one():
    swapped = [
        sample(number, "k", cheap=outcome(1.0, "0.001"), dear=outcome(float(number % 3 > 0), "0.01"))
        for number in range(200)
    ]
    found = learned(swapped)
    assert (found.safe, found.ways) == ("cheap", {"k": CHEAP})
    assert learned(swapped, safe="dear").ways == {"k": CHEAP}


def test_with_too_few_cases_all_stay_with_the_safe_strategy_and_it_is_said_how_many_are_needed():
    found = learned(cases("easy", 80))
    assert (found.is_too_few, found.needed, found.units) == (True, 45, 40)
    assert found.ways == {"easy": DEAR}


def test_a_type_with_a_single_case_is_not_moved_by_it():
    found = learned([*cases("easy", 200), *cases("hard", 100, wrong=2), *cases("single", 1)])
    assert found.ways["single"] == DEAR


def test_where_the_safe_strategy_is_too_slow_types_move_until_the_traffic_is_fast_enough():
    samples = cases("easy", 400, seconds=(0.5, 3.0))
    found = learned(samples, Goal(0.05, 0.9, p95_seconds=2.0))
    assert found.ways == {"easy": CHEAP}
    assert not found.is_too_slow


def test_a_cheap_way_that_is_too_slow_is_not_gone():
    found = learned(cases("easy", 400, seconds=(5.0, 1.0)), Goal(0.05, 0.9, p95_seconds=2.0))
    assert found.ways == {"easy": DEAR}
    assert not found.is_too_slow


def test_a_type_whose_cheap_way_is_too_slow_does_not_keep_others_from_theirs():
    samples = [*cases("a", 200, seconds=(5.0, 1.0)), *cases("b", 200, seconds=(0.5, 1.0))]
    assert learned(samples, Goal(0.05, 0.9, p95_seconds=2.0)).ways == {"a": DEAR, "b": CHEAP}


def test_where_nothing_that_keeps_the_bound_is_fast_enough_that_is_said():
    found = learned(cases("hard", 400, wrong=2, seconds=(0.5, 3.0)), Goal(0.05, 0.9, p95_seconds=2.0))
    assert found.ways == {"hard": DEAR}
    assert found.is_too_slow


def test_where_no_case_says_what_is_tried_nothing_is_tried():
    """Each type is a single group, which cannot be halved."""
    grouped = [
        sample(f"{kind} {n}", f"k{kind:02}", f"g{kind}", cheap=outcome(1.0, "0.001"), dear=outcome(1.0, "0.01"))
        for kind in range(60)
        for n in range(2)
    ]
    found = learned(grouped)
    assert (found.ordered, found.units) == ((), 60)
    assert set(found.ways.values()) == {DEAR}


def test_nothing_is_learned_from_the_half_that_tests():
    """On the half that orders, the cheap strategy is right; on the other it is wrong: nothing is shown."""
    samples = cases("k", 400)
    first, second = halves(samples, 0)
    spoilt = [sample(one.case, "k", cheap=outcome(0.0, "0.001"), dear=outcome(1.0, "0.01")) for one in second]
    found = learn_routes(first, spoilt, ("cheap", "dear"), GOAL)
    assert found.ways == {"k": DEAR}


def test_a_single_strategy_that_is_shown_is_taken_where_the_mixture_that_looked_as_good_is_not():
    """On the half that orders, both answer type a as `dear` does; on the other half `cheap` is always wrong."""

    def case(kind: str, number: int, cheap: float, mid: float):
        return sample(
            f"{kind}{number}",
            kind,
            cheap=outcome(cheap, "0.0001"),
            mid=outcome(mid, "0.004"),
            dear=outcome(float(number % 10 > 0), "0.01"),
        )

    ordered = [case("a", n, cheap=float(n % 10 > 0), mid=float(n % 10 > 0)) for n in range(100)]
    tested = [case("a", n, cheap=0.0, mid=float(n % 10 > 0)) for n in range(100)]
    for half in (ordered, tested):
        half += [case("b", number, cheap=0.0, mid=1.0) for number in range(100)]
    found = learn_routes(ordered, tested, ("cheap", "mid", "dear"), GOAL, safe="dear")
    assert found.ways == {"a": single("mid"), "b": single("mid")}
    assert found.shown == ("mid", "dear")
