"""The classic question of A/B: 2 % against 1.5 %, is that acceptable?"""

from __future__ import annotations

import pytest

from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.gate.experiment import Reading, judge_experiment


def users(errors: int, n: int) -> list[float]:
    return [1.0] * errors + [0.0] * (n - errors)


def reading(treatment: list[float], control: list[float], margin: float = 0.01, share: float = 0.5) -> Reading:
    return judge_experiment((treatment, control), ((), ()), margin=margin, share=share)


def test_two_against_one_and_a_half_per_cent_of_a_thousand_cannot_be_told_and_says_how_many_more():
    """At 1.75 % of both, 0.5 points take (1.6449 + 0.8416)^2 x 0.01719375 x 2/0.005^2 = 8,504 a side."""
    found = reading(users(20, 1_000), users(15, 1_000), margin=0.005)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.needed == (8_505, 8_505)
    assert "7,505 more users of the treatment and 7,505 of the control" in found.reason


def test_of_twenty_thousand_each_they_are_acceptable_at_one_point():
    found = reading(users(400, 20_000), users(300, 20_000))
    assert found.outcome is Outcome.PASS
    assert found.reason == "not worse by more than 1 pt"


def test_of_twenty_thousand_each_they_are_worse_and_half_a_point_may_or_may_not_be_exceeded():
    found = reading(users(400, 20_000), users(300, 20_000), margin=0.005)
    assert found.outcome is Outcome.FAIL
    assert found.reason == "worse; whether by more than 0.5 pt cannot be told"


def test_a_rise_that_is_surely_above_the_margin():
    assert reading(users(900, 10_000), users(300, 10_000)).reason == "worse by more than 1 pt"


def test_who_looks_more_than_once_needs_a_wider_interval():
    found = reading(users(20, 1_000), users(15, 1_000))
    assert found.always.lower < found.interval.lower < found.interval.upper < found.always.upper


def test_a_split_that_cannot_be_chance_concludes_nothing():
    """Even where the rates alone would be acceptable."""
    found = reading(users(1, 5_000), users(150, 6_000))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "5,000 and 6,000 users are no split of the intended share" in found.reason


def test_a_cohort_is_a_split_as_it_was_meant():
    found = reading(users(20, 1_000), users(180, 9_000), share=0.1)
    assert found.outcome is Outcome.PASS
    assert found.split_p == 1


def test_users_with_several_answers_are_one_each():
    """Ten answers of a user, all wrong or all right, are no ten pieces of evidence."""
    found = reading([0.5, 0.0, 0.1] * 50, [0.0, 0.1, 0.2] * 50)
    assert found.p is None
    assert found.change == pytest.approx(0.1)


def test_without_an_error_there_is_no_rate_to_plan_with():
    found = reading(users(0, 50), users(0, 50))
    assert (found.outcome, found.needed) == (Outcome.INCONCLUSIVE, None)


def test_what_is_saved_is_compared_too():
    found = judge_experiment(
        (users(1, 100), users(1, 100)), ([0.01, 0.03] * 50, [0.05, 0.07] * 50), margin=0.01, share=0.5
    )
    assert found.cost is not None
    assert found.cost.value == pytest.approx(-0.04)
    assert found.cost.interval.upper < 0
