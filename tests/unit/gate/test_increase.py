"""When a strategy counts as dearer, longer or slower than its baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from fakes.evidence import BLANK, measured, paired

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.increase import RatioOf, judge_increase, total_ratio, typical_ratio

PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE


def judged(
    base: Sequence[float], cand: Sequence[float], accepted: float = 0.10, ratio_of: RatioOf = total_ratio
) -> Verdict:
    pairing = measured(base, cand)
    (verdict,) = decide([judge_increase(BLANK, accepted, lambda r: r.seconds_per_trial, pairing, ratio_of)])
    return verdict


def around(middle: float, spread: float, n: int = 40) -> list[float]:
    """Values that lie evenly around *middle*, in no telling order."""
    return [middle + spread * ((7 * place) % n - (n - 1) / 2) / n for place in range(n)]


def test_what_is_the_same_case_by_case_needs_no_test() -> None:
    verdict = judged([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], accepted=0.0)

    assert (verdict.outcome, verdict.basis, verdict.estimate, verdict.p) == (PASS, "unchanged", 0.0, None)


def test_a_rise_that_is_surely_beyond_what_is_accepted_fails() -> None:
    verdict = judged(around(1.0, 0.2), around(1.3, 0.2))

    assert (verdict.outcome, verdict.basis) == (FAIL, "test")
    assert verdict.estimate == pytest.approx(0.3)
    assert (verdict.before, verdict.value) == (pytest.approx(1.0), pytest.approx(1.3))


def test_a_rise_that_is_surely_within_what_is_accepted_passes() -> None:
    assert judged(around(1.0, 0.2), around(1.05, 0.2)).outcome is PASS


def test_a_fall_passes() -> None:
    assert judged(around(1.0, 0.2), around(0.5, 0.2)).outcome is PASS


def test_between_the_two_it_cannot_tell() -> None:
    """A tenth more on average, but between a fall and a doubling from case to case."""
    verdict = judged([1.0] * 6, [0.7, 0.8, 0.9, 1.1, 1.3, 1.9])

    assert verdict.outcome is INCONCLUSIVE
    assert verdict.lower is not None
    assert verdict.upper is not None
    assert verdict.lower < 0 < 0.10 < verdict.upper


def test_a_sure_rise_below_what_is_accepted_does_not_fail() -> None:
    """Noticed (p is tiny), and allowed; only its interval's upper end stands in the way of a pass."""
    verdict = judged(around(1.0, 0.6), around(1.099, 0.3))

    assert verdict.p is not None
    assert verdict.p < 0.001
    assert (verdict.outcome, verdict.may_fail) == (INCONCLUSIVE, False)


def test_the_interval_is_students_t_around_the_jackknifed_logarithm() -> None:
    from scipy.stats import t

    base, cand = [1.0, 2.0, 4.0, 3.0], [1.5, 2.0, 5.0, 3.5]
    left_out = [math.log((12 - c) / (10 - b)) for b, c in zip(base, cand, strict=True)]
    mean = sum(left_out) / 4
    error = math.sqrt(3 / 4 * sum((value - mean) ** 2 for value in left_out))
    half = t.ppf(0.95, 3) * error

    verdict = judged(base, cand)

    assert verdict.estimate == pytest.approx(12 / 10 - 1)
    assert verdict.lower == pytest.approx(1.2 * math.exp(-half) - 1)
    assert verdict.upper == pytest.approx(1.2 * math.exp(half) - 1)
    assert verdict.p == pytest.approx(float(t.sf(math.log(1.2) / error, 3)))


def test_latency_is_the_typical_ratio_so_that_one_slow_reply_weighs_as_one_case() -> None:
    base, cand = [1.0] * 30, [1.0] * 29 + [60.0]

    assert judged(base, cand, ratio_of=typical_ratio).estimate == pytest.approx(60 ** (1 / 30) - 1)
    assert judged(base, cand).estimate == pytest.approx(89 / 30 - 1)


def test_from_nothing_to_something_is_more_than_any_increase() -> None:
    verdict = judged([0.0, 0.0], [0.0, 0.1], accepted=5.0)

    assert (verdict.outcome, verdict.basis, verdict.reason) == (FAIL, "exact", "from 0 to 0.1 in all")


def test_from_something_to_nothing_passes() -> None:
    assert judged([1.0, 2.0], [0.0, 0.0]).outcome is PASS


def test_a_single_case_that_was_free_spoils_no_ratio_of_totals() -> None:
    base, cand = [0.0, *around(1.0, 0.2)], [0.001, *around(1.0, 0.2)[::-1]]

    verdict = judged(base, cand)

    assert (verdict.outcome, verdict.basis) == (PASS, "test")


def test_a_case_that_took_no_time_has_no_ratio_and_that_is_said() -> None:
    verdict = judged([0.0, 1.0, 1.0], [0.1, 1.0, 1.0], ratio_of=typical_ratio)

    assert (verdict.outcome, verdict.basis) == (INCONCLUSIVE, "none")
    assert verdict.reason == "cannot tell: some cases took nothing, and nothing has no ratio"


def test_where_one_case_is_all_nothing_is_known_of_the_others() -> None:
    verdict = judged([0.0, 1.0], [0.0, 3.0])

    assert (verdict.outcome, verdict.lower, verdict.upper) == (INCONCLUSIVE, -1.0, math.inf)


def test_too_few_common_cases_are_inconclusive() -> None:
    pairing = paired(0, 0, 1)

    verdict = judge_increase(BLANK, 0.1, lambda r: r.tokens_per_trial, pairing)

    assert (verdict.outcome, verdict.reason) == (INCONCLUSIVE, "too few common cases: 1 of the baseline's 1")


def test_the_five_cases_that_grew_most_are_named_with_their_share() -> None:
    """Where a few blow up tenfold no interval covers: whoever reads the verdict has to see them."""
    cand = [1.0, 11.0, 1.0, 3.0, 1.5, 0.5, 2.0, 1.25, 1.1, 1.0]

    verdict = judged([1.0] * 10, cand)

    assert verdict.grew == ("c001", "c003", "c006", "c004", "c007")
    assert verdict.grew_share == pytest.approx(13.75 / 13.85)


def test_where_nothing_grew_no_case_is_named() -> None:
    assert judged([1.0, 2.0, 3.0], [0.9, 2.0, 2.5]).grew == ()
