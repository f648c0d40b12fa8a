from decimal import Decimal

import pytest
from fakes.lessons import outcome, sample, sure_and_unsure
from scipy.stats import binom  # noqa: TID253

from pytest_llmcost.strategies.learn.calibrated import Bound
from pytest_llmcost.strategies.learn.thresholds import THRESHOLDS, calibrate_thresholds


def calibrated(samples, loss=0.05, confidence=0.9, net=False):
    return calibrate_thresholds(samples, "cheap", "dear", Bound(loss, confidence, net))


def test_sure_answers_stand_and_unsure_ones_are_escalated():
    found = calibrated(sure_and_unsure(sure=160, unsure=40))
    assert found.chosen.threshold == 0.9  # of those that cost as little the safest
    assert found.chosen.escalated == 0.2
    assert found.chosen.quality == 1.0
    # 200 first tries, and 40 second ones
    assert found.chosen.usd == Decimal("0.003")
    assert found.safe.usd == Decimal("0.01")


def test_the_threshold_is_the_last_before_the_first_that_is_not_shown():
    """Of 200 accepted answers 40 are wrong below 0.3: no bound of 5 points can be shown there."""
    found = calibrated(sure_and_unsure(sure=160, unsure=40))
    shown = [point.threshold for point in found.points[1 : found.kept]]
    assert shown == [threshold for threshold in THRESHOLDS if threshold > 0.3]
    harm = [point for point in found.points if point.threshold == 0.3]
    assert harm[0].p == pytest.approx(binom.cdf(40, 200, 0.05))


def test_a_harm_that_is_just_within_the_bound_is_what_the_naive_choice_takes_and_ours_does_not():
    found = calibrated(sure_and_unsure(sure=190, unsure=10))
    assert found.naive.threshold == 0.3
    assert found.naive.loss == 0.05
    assert found.chosen.threshold > 0.3
    assert found.needed_for(found.naive) is None
    assert found.needed_for(found.chosen) == found.needed == 45


def test_what_is_not_shown_yet_tells_how_many_cases_would_show_it():
    found = calibrated(sure_and_unsure(sure=97, unsure=3))
    needed = found.needed_for(found.naive)
    assert binom.cdf(3, 100, 0.05) > 0.1
    assert needed > 100
    assert binom.cdf(round(0.03 * needed), needed, 0.05) <= 0.11


def test_with_too_few_cases_all_go_to_the_safe_strategy_and_it_is_said_how_many_are_needed():
    found = calibrated(sure_and_unsure(sure=100, unsure=0), loss=0.02, confidence=0.95)
    assert (found.is_too_few, found.needed, found.units) == (True, 149, 100)
    assert found.chosen is found.safe
    assert [step.use for step in found.chosen.way] == ["dear"]


def test_cases_of_one_group_are_one_piece_of_evidence():
    grouped = [
        sample(number, group=f"g{number // 10}", cheap=outcome(1.0, "0.001", 0.9), dear=outcome(1.0, "0.01"))
        for number in range(400)
    ]
    found = calibrated(grouped)
    assert (found.cases, found.units, found.is_too_few) == (400, 40, True)


def test_a_cascade_that_costs_more_than_the_dear_strategy_is_not_chosen():
    """What is escalated is paid twice: here four of five cases are."""
    found = calibrated(
        [
            sample(number, cheap=outcome(1.0, "0.009", 0.9 if number % 5 == 0 else 0.2), dear=outcome(1.0, "0.01"))
            for number in range(100)
        ]
        + [sample(f"w{number}", cheap=outcome(0.0, "0.009", 0.2), dear=outcome(1.0, "0.01")) for number in range(100)]
    )
    assert found.kept > 1
    assert found.chosen is found.safe
    assert found.points[found.kept - 1].usd > found.safe.usd


def test_gains_make_up_for_losses_only_where_that_is_asked_for():
    """Of 300 accepted answers 20 are lost, and 20 that the dear strategy gets wrong are right."""
    samples = [
        sample(
            number,
            cheap=outcome(float(number >= 20), "0.001", 0.9),
            dear=outcome(float(number < 20 or number >= 40), "0.01"),
        )
        for number in range(300)
    ]
    harm, net = calibrated(samples), calibrated(samples, net=True)
    assert harm.chosen is harm.safe
    assert net.chosen.threshold == 0.9
    assert net.chosen.loss == 0.0


def test_graded_scores_are_judged_by_how_much_is_lost():
    samples = [sample(number, cheap=outcome(0.99, "0.001", 0.9), dear=outcome(1.0, "0.01")) for number in range(200)]
    found = calibrated(samples)
    assert found.chosen.loss == pytest.approx(0.01)
    assert found.chosen.escalated == 0


def test_the_naive_cost_forgets_the_first_try_of_what_is_escalated():
    found = calibrated(sure_and_unsure(sure=160, unsure=40))
    assert found.chosen.naive_usd == Decimal("0.0028")  # 0.8 x 0.001 + 0.2 x 0.01
