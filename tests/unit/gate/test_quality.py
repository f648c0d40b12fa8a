"""When answers count as worse; every threshold is computed here a second time, by other means."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from fakes.evidence import BLANK, graded, paired, record, records

from pytest_llmcost.domain.gate import Outcome, QualityGate, Verdict
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.pairing import pair_cases
from pytest_llmcost.gate.quality import judge_quality, unprovable

PASS, FAIL, INCONCLUSIVE, NEW = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NEW
Z95 = 1.6448536269514722


def judged(losses: int, gains: int, n: int, **gate: object) -> Verdict:
    """The final verdict on *n* cases, alone in its run."""
    pairing = paired(losses, gains, n)
    (verdict,) = decide(
        [judge_quality(BLANK, QualityGate(**gate), [pair.now for pair in pairing.pairs], pairing)]  # type: ignore[arg-type]
    )
    return verdict


def midp_by_counting(losses: int, gains: int) -> Fraction:
    """P(X > losses) + P(X = losses)/2 over all 2^m ways in which m changed cases can fall."""
    changed = losses + gains
    ways = [math.comb(changed, k) for k in range(changed + 1)]
    return (sum(ways[losses + 1 :]) + Fraction(ways[losses], 2)) / 2**changed


def tango_by_search(losses: int, gains: int, n: int, difference: float) -> float:
    """Tango's z, its nuisance parameter found as the root of the likelihood's slope instead of in closed form."""
    from scipy.optimize import brentq

    def slope(q: float) -> float:  # q: chance of a loss; that of a gain is q + difference
        return losses / q + gains / (q + difference) - 2 * (n - losses - gains) / (1 - 2 * q - difference)

    low, high = max(0.0, -difference) + 1e-13, (1 - difference) / 2 - 1e-13
    if slope(low) <= 0 or slope(high) >= 0:  # likeliest at an end: no loss, or no case without a change
        q = low if slope(low) <= 0 else high
    else:
        q = brentq(slope, low, high, xtol=1e-15)
    return (gains - losses - n * difference) / math.sqrt(n * (2 * q + difference - difference**2))


def lower_end_by_search(losses: int, gains: int, n: int) -> float:
    from scipy.optimize import brentq

    observed = (gains - losses) / n
    end = brentq(lambda d: tango_by_search(losses, gains, n, d) - Z95, -1 + 1e-9, observed - 1e-9, xtol=1e-12)
    return float(end)


TEXTBOOK = [
    # losses, gains, cases, margin, verdict
    (0, 0, 59, 0.05, PASS),  # the fewest unchanged cases that can exclude a drop of 5 points
    (0, 0, 58, 0.05, INCONCLUSIVE),
    (0, 0, 100, 0.05, PASS),
    (0, 5, 40, 0.05, INCONCLUSIVE),  # better, but 40 cases can exclude no drop below 7.2 points
    (2, 1, 40, 0.05, INCONCLUSIVE),
    (2, 2, 200, 0.05, PASS),
    (5, 5, 100, 0.05, INCONCLUSIVE),
    (5, 0, 100, 0.05, FAIL),  # p = 1/64
    (4, 0, 100, 0.05, INCONCLUSIVE),  # p = 1/32, but a drop of 4 points is within the margin
    (4, 0, 80, 0.05, FAIL),
    (12, 2, 100, 0.05, FAIL),
    (9, 3, 100, 0.05, FAIL),  # p = 0.046
    (8, 3, 100, 0.05, INCONCLUSIVE),  # p = 0.073
    (20, 0, 20, 0.05, FAIL),  # all wrong, all right before
    (0, 20, 20, 0.05, INCONCLUSIVE),
    (30, 30, 60, 0.05, INCONCLUSIVE),  # every case changed sides, and nothing was lost
    (10, 0, 400, 0.05, PASS),
    (18, 8, 200, 0.05, FAIL),
]


@pytest.mark.parametrize(("losses", "gains", "n", "margin", "outcome"), TEXTBOOK)
def test_verdicts_at_known_counts(losses: int, gains: int, n: int, margin: float, outcome: Outcome) -> None:
    assert judged(losses, gains, n, margin=margin).outcome is outcome


@pytest.mark.parametrize(("losses", "gains", "n", "margin", "outcome"), TEXTBOOK)
def test_a_verdict_follows_from_the_rule_computed_by_other_means(
    losses: int, gains: int, n: int, margin: float, outcome: Outcome
) -> None:
    passes = tango_by_search(losses, gains, n, -margin) >= Z95 and (1 - margin) ** n <= 0.05
    is_worse = midp_by_counting(losses, gains) <= Fraction(1, 20)
    is_large = Fraction(losses - gains, n) >= Fraction(str(margin))

    assert outcome is (PASS if passes else FAIL if is_worse and is_large else INCONCLUSIVE)


@pytest.mark.parametrize(("losses", "gains", "n"), [(2, 1, 40), (12, 2, 100), (5, 5, 100), (1, 0, 10), (10, 0, 400)])
def test_the_evidence_is_shown_with_p_and_tangos_interval(losses: int, gains: int, n: int) -> None:
    verdict = judged(losses, gains, n)

    assert verdict.p == pytest.approx(float(midp_by_counting(losses, gains)), rel=1e-12)
    assert verdict.estimate == pytest.approx((gains - losses) / n)
    assert verdict.lower == pytest.approx(lower_end_by_search(losses, gains, n), abs=1e-8)
    assert verdict.upper == pytest.approx(-lower_end_by_search(gains, losses, n), abs=1e-8)
    assert (verdict.losses, verdict.gains, verdict.n, verdict.margin) == (losses, gains, n, 0.05)
    assert verdict.basis == "test"


def test_a_floor_is_exact_and_needs_no_baseline() -> None:
    """Four of five is 80 %, whatever binary fractions make of it."""
    at_the_floor, below = records(5, wrong=[0]), records(5, wrong=[0, 1])

    assert judge_quality(BLANK, QualityGate(min=0.8), at_the_floor, None).outcome is NEW
    verdict = judge_quality(BLANK, QualityGate(min=0.8), below, None)
    assert (verdict.outcome, verdict.basis) == (FAIL, "bound")
    assert verdict.reason == "60.0% right is below the floor of 80.0%"


def test_a_floor_is_judged_before_the_comparison() -> None:
    pairing = paired(0, 0, 100, same_strategy=True)
    wrong = records(100, wrong=range(50))

    assert judge_quality(BLANK, QualityGate(min=0.8), wrong, pairing).basis == "bound"


def test_g01_without_a_baseline_it_is_new() -> None:
    verdict = judge_quality(BLANK, QualityGate(), records(3, wrong=[0]), None)

    assert (verdict.outcome, verdict.value) == (NEW, pytest.approx(2 / 3))


def test_no_answer_at_all_is_never_a_pass() -> None:
    unanswered = [record("late", scores=(), unanswered=1)]

    for pairing in (None, pair_cases([record("late")], unanswered, same_strategy=True)):
        verdict = judge_quality(BLANK, QualityGate(), unanswered, pairing)
        assert (verdict.outcome, verdict.reason) == (INCONCLUSIVE, "no case was answered")


@pytest.mark.parametrize(("stored", "now"), [(1, 1), (3, 1), (40, 19)])
def test_too_few_common_cases_are_inconclusive_and_never_new(stored: int, now: int) -> None:
    pairing = pair_cases(records(stored), records(now), same_strategy=False)

    verdict = judge_quality(BLANK, QualityGate(), records(now), pairing)

    assert verdict.outcome is INCONCLUSIVE
    assert verdict.reason == f"too few common cases: {now} of the baseline's {stored}"


@pytest.mark.parametrize("n", [2, 3, 40, 100])
def test_the_same_answers_of_the_same_strategy_pass_at_any_number(n: int) -> None:
    verdict = judge_quality(BLANK, QualityGate(margin=0.01), records(n), paired(0, 0, n, same_strategy=True))

    assert (verdict.outcome, verdict.basis, verdict.estimate) == (PASS, "unchanged", 0.0)


@pytest.mark.parametrize(
    ("before", "now", "groups", "outcome", "said"),
    [
        ([], [], [], INCONCLUSIVE, "no case was answered"),
        ([1.0], [0.0], [None], INCONCLUSIVE, "too few common cases: 1 of the baseline's 1"),
        ([0.5], [0.5], ["a"], INCONCLUSIVE, "too few common cases: 1 of the baseline's 1"),
        ([1.0] * 80, [1.0] * 80, [None] * 80, PASS, "0 lost, 0 won of 80; no drop of 5 pt"),
        ([0.5] * 80, [0.5] * 80, [None] * 80, PASS, "0 lower, 0 higher of 80; no drop of 5 pt"),
        ([0.5] * 3, [0.5] * 3, [None] * 3, INCONCLUSIVE, "p = 1.0000 by sign flips; a drop of some 63 pt is possible"),
        ([1.0] * 80, [0.0] * 80, [None] * 80, FAIL, "worse, -100.0 pt [-100.0, -93.5]: 80 lost, 0 won of 80"),
        ([0.0] * 80, [1.0] * 80, [None] * 80, PASS, "better, +100.0 pt [+93.5, +100.0]: 0 lost, 80 won of 80"),
        ([1.0, 0.0] * 40, [0.0, 1.0] * 40, [None] * 80, INCONCLUSIVE, "40 lost, 40 won of 80; a drop of some 18 pt"),
        ([1.0] * 80, [0.0] * 80, [str(n) for n in range(80)], FAIL, "80 lost, 0 won of 80; p < 0.0001"),
        ([1.0] * 80, [0.0] * 80, ["a"] * 80, INCONCLUSIVE, "all 80 common cases are in one group"),
        ([0.2] * 80, [[0.1, 0.3]] * 40 + [[0.2]] * 40, [None] * 80, PASS, "1 trial before and 2 now; no drop of 5 pt"),
    ],
    ids=[
        "no case",
        "one case",
        "one case in a group",
        "all right",
        "all scores equal",
        "few scores, all equal",
        "all lost",
        "all won",
        "all changed, none lost in sum",
        "groups of one",
        "one group",
        "unequal trials",
    ],
)
def test_g04_whatever_the_cases_there_is_a_defined_verdict_that_is_said(
    before: list[float], now: list[Any], groups: list[str | None], outcome: Outcome, said: str
) -> None:
    pairing = graded(before, now, groups)

    (verdict,) = decide([judge_quality(BLANK, QualityGate(), [pair.now for pair in pairing.pairs], pairing)])

    assert verdict.outcome is outcome
    assert said in verdict.reason


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_score_that_is_no_number_is_refused_by_name(value: float) -> None:
    pairing = graded([0.5] * 3, [0.5, value, 0.5])

    with pytest.raises(ValueError, match=r"diffs\[1\] is (nan|inf), must be a finite number"):
        judge_quality(BLANK, QualityGate(), [pair.now for pair in pairing.pairs], pairing)


def test_all_wrong_on_both_sides_is_no_drop() -> None:
    wrong = records(100, wrong=range(100))
    pairing = pair_cases(wrong, wrong, same_strategy=False)

    verdict = judge_quality(BLANK, QualityGate(), wrong, pairing)

    assert (verdict.outcome, verdict.value, verdict.before, verdict.estimate) == (PASS, 0.0, 0.0, 0.0)


def test_fail_on_any_drop_ignores_the_size() -> None:
    assert judged(5, 0, 300, margin=0.02).outcome is INCONCLUSIVE
    assert judged(5, 0, 300, margin=0.02, fail_on="any_drop").outcome is FAIL


def test_a_pass_is_a_pass_even_where_any_drop_fails() -> None:
    assert judged(10, 0, 400, fail_on="any_drop").outcome is PASS


def test_beyond_margin_waits_until_the_whole_interval_is() -> None:
    assert judged(12, 2, 100, fail_on="beyond_margin").outcome is INCONCLUSIVE  # -10 points [-16.9, -4.2]
    assert judged(22, 2, 100, fail_on="beyond_margin").outcome is FAIL


@pytest.mark.parametrize(
    ("losses", "gains", "n", "in_all"),
    [(2, 1, 40, 236), (0, 0, 30, 78), (5, 5, 100, 267), (0, 0, 58, 59)],
)
def test_an_inconclusive_verdict_says_how_many_cases_would_settle_it(
    losses: int, gains: int, n: int, in_all: int
) -> None:
    """N = max((1.6449 + 0.8416)^2 psi / M^2, ln 0.05 / ln(1 - M)), psi = (b + c + 1)/(n + 2)."""
    spread = (losses + gains + 1) / (n + 2)
    by_hand = max(math.ceil((1.644854 + 0.841621) ** 2 * spread / 0.05**2), math.ceil(math.log(0.05) / math.log(0.95)))

    assert judged(losses, gains, n).needed == by_hand == in_all


@pytest.mark.parametrize(
    ("losses", "gains", "n"),
    [
        (4, 0, 60),  # a drop of 6.7 points is beyond the margin: more of the same settle nothing
        (30, 29, 2000),  # enough cases are there already
    ],
)
def test_where_more_cases_would_not_settle_it_none_are_named(losses: int, gains: int, n: int) -> None:
    assert judged(losses, gains, n).needed is None


def test_a_margin_of_nothing_can_fail_and_never_pass() -> None:
    assert judged(12, 2, 100, margin=0.0).outcome is FAIL
    verdict = judged(0, 0, 1000, margin=0.0)
    assert (verdict.outcome, verdict.needed) == (INCONCLUSIVE, None)


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ([None] * 59, ""),
        (
            [None] * 58,
            "58 cases can show no drop below 5.0 pt, and the margin is 5 pt: a changed strategy cannot pass.",
        ),
        ([str(n) for n in range(58)], "58 cases can show no drop"),
        ([str(n % 10) for n in range(400)], "10 groups can show no drop below 25.9 pt, and the margin is 5 pt"),
        ([str(n % 2) for n in range(30)] + [None] * 57, ""),
    ],
)
def test_a_suite_that_is_too_small_for_its_margin_is_told_in_what_counts(groups: list[str | None], said: str) -> None:
    assert unprovable(groups, 0.05).startswith(said)
    assert bool(unprovable(groups, 0.05)) == bool(said)
