import json
from collections.abc import Iterator
from fractions import Fraction
from math import comb, inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.statistics.intervals import critical_z, wilson
from pytest_llmcost.statistics.paired import (
    fewest_provable_cases,
    mcnemar_exact,
    mcnemar_midp,
    passes_zero_discordance,
    smallest_provable_margin,
    tango_interval,
    tango_z,
)

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())

pairs = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 400)).map(
    lambda drawn: (drawn[0], drawn[1], max(1, sum(drawn)))
)


def golden(key):
    return pytest.mark.parametrize("row", GOLDEN[key], ids=lambda row: " ".join(map(str, list(row.values())[:4])))


def verdict(losses, gains, n, margin):
    """The rule of the gate for right/wrong scores, at 5 %."""
    if tango_z(losses, gains, n, margin) >= critical_z(0.05) and passes_zero_discordance(n, margin):
        return "pass"
    if mcnemar_midp(losses, gains) <= 0.05 and losses - gains >= margin * n:
        return "fail"
    return "inconclusive"


def outcomes(n: int, loss: float, gain: float) -> Iterator[tuple[int, int, float]]:
    """Every (losses, gains) of n cases with its chance, where a case is lost or gained with these chances."""
    for losses in range(n + 1):
        for gains in range(n - losses + 1):
            ways = comb(n, losses) * comb(n - losses, gains)
            yield losses, gains, ways * loss**losses * gain**gains * (1 - loss - gain) ** (n - losses - gains)


def chance_of(wanted, n, loss, gain, margin):
    return sum(
        chance for b, c, chance in outcomes(n, loss, gain) if chance > 1e-12 and verdict(b, c, n, margin) == wanted
    )


@golden("mcnemar")
def test_mcnemar_agrees_with_statsmodels(row):
    losses, gains = row["losses"], row["gains"]
    assert mcnemar_exact(losses, gains) == pytest.approx(row["exact_one_sided_worse"], rel=1e-6)
    assert mcnemar_midp(losses, gains) == pytest.approx(row["midp_one_sided_worse"], rel=1e-6)
    either_way = min(1, 2 * min(mcnemar_midp(losses, gains), mcnemar_midp(gains, losses)))
    assert either_way == pytest.approx(row["midp_two_sided"], rel=1e-6)


@golden("min_midp")
def test_below_five_losses_alone_cannot_fail(row):
    assert mcnemar_midp(row["discordant"], 0) == row["min_midp"]


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_a_binomial_sum(losses, gains):
    n = losses + gains
    tail = Fraction(sum(comb(n, k) for k in range(losses, n + 1)), 2**n)
    assert mcnemar_exact(losses, gains) == pytest.approx(float(tail), rel=1e-12)


def test_mcnemar_bears_a_hundred_thousand_changed_cases():
    assert mcnemar_midp(50_000, 50_000) == pytest.approx(0.5, abs=1e-9)
    assert mcnemar_midp(50_260, 49_740) == pytest.approx(0.05, abs=1e-4)  # 520/sqrt(100,000) = 1.644 standard errors
    assert mcnemar_exact(100_000, 0) == 0


@golden("tango")
def test_tango_agrees_with_independent_values(row):
    losses, gains, n = row["losses"], row["gains"], row["n"]
    assert tango_z(losses, gains, n, -row["null_delta"]) == pytest.approx(row["z"], rel=1e-6, abs=1e-9)
    interval = tango_interval(losses, gains, n, row["level"])
    assert (interval.lower, interval.upper) == pytest.approx((row["lower"], row["upper"]), rel=1e-6)


@given(pairs)
def test_tango_interval_ends_where_z_is_critical(counts):
    lower = tango_interval(*counts).lower
    if -1 < lower < 0:
        assert tango_z(*counts, -lower) == pytest.approx(critical_z(0.05), abs=1e-5)


@given(pairs)
def test_tango_interval_contains_the_estimate(counts):
    losses, gains, n = counts
    interval = tango_interval(losses, gains, n)
    assert -1 <= interval.lower <= (gains - losses) / n <= interval.upper <= 1


@given(pairs)
def test_swapping_the_two_runs_mirrors_the_tango_interval(counts):
    losses, gains, n = counts
    one, other = tango_interval(losses, gains, n), tango_interval(gains, losses, n)
    assert (one.lower, one.upper) == pytest.approx((-other.upper, -other.lower), abs=1e-10)


@pytest.mark.parametrize(("losses", "gains", "ends"), [(3, 0, -1), (0, 3, 1)])
def test_where_every_case_changed_the_interval_reaches_the_end(losses, gains, ends):
    interval = tango_interval(losses, gains, 3)
    assert ends in (interval.lower, interval.upper)


def test_a_margin_of_zero_with_nothing_changed_is_neither_shown_nor_refuted():
    assert tango_z(0, 0, 50, 0) == 0
    assert tango_z(0, 50, 50, 0) < inf


@golden("min_n_zero_discordance")
def test_fewest_cases_that_prove_a_margin(row):
    margin, alpha = row["margin"], row["alpha"]
    assert fewest_provable_cases(margin, alpha) == row["exact"]
    by_score_alone = next(n for n in range(1, 500) if tango_z(0, 0, n, margin) >= critical_z(alpha))
    assert by_score_alone == row["tango"]


@pytest.mark.parametrize(("n", "points"), [(40, 7.2), (59, 5.0), (149, 2.0), (299, 1.0), (10, 25.9)])
def test_a_small_suite_cannot_prove_a_small_margin(n, points):
    assert 100 * smallest_provable_margin(n) == pytest.approx(points, abs=0.06)


@given(st.integers(1, 10_000), st.floats(1e-4, 0.5))
def test_the_smallest_provable_margin_is_provable_and_less_is_not(n, alpha):
    margin = smallest_provable_margin(n, alpha)
    assert passes_zero_discordance(n, margin, alpha)
    assert not passes_zero_discordance(n, margin * 0.999, alpha)
    assert not passes_zero_discordance(n, 0, alpha)


@given(pairs, st.sampled_from([0.01, 0.02, 0.05, 0.1, 0.3]), st.integers(1, 500))
def test_adding_unchanged_cases_never_turns_pass_into_fail(counts, margin, more):
    losses, gains, n = counts
    if verdict(losses, gains, n, margin) == "pass":
        assert verdict(losses, gains, n + more, margin) == "pass"


@pytest.mark.parametrize("n", [50, 150])
@pytest.mark.parametrize("changed", [0.04, 0.1, 0.3])
@pytest.mark.parametrize("margin", [0, 0.05])
def test_an_unchanged_system_fails_in_at_most_5_point_5_percent_of_runs(n, changed, margin):
    """No simulation: the chances of all outcomes are added up."""
    assert chance_of("fail", n, changed / 2, changed / 2, margin) <= 0.055


@pytest.mark.parametrize(("n", "margin"), [(60, 0.05), (150, 0.05), (150, 0.02), (100, 0.1)])
@pytest.mark.parametrize("gain", [0.01, 0.1])
def test_a_drop_of_just_the_margin_passes_in_at_most_5_point_7_percent_of_runs(n, margin, gain):
    assert chance_of("pass", n, margin + gain, gain, margin) <= 0.057


@pytest.mark.parametrize(("n", "margin"), [(87, 0.05), (222, 0.02), (42, 0.1)])
def test_a_drop_without_a_single_gain_passes_in_at_most_7_percent_of_runs(n, margin):
    """The worst sizes: just large enough for one loss to be accepted."""
    assert 0.057 < chance_of("pass", n, margin, 0, margin) <= 0.07


# -- what was not chosen


def newcombe(both_right, losses, gains, both_wrong, level=0.90):
    """Newcombe's interval of a paired difference (1998, method 10), from Wilson's of each side."""
    n = both_right + losses + gains + both_wrong
    sides = [both_right + losses, both_right + gains]
    (low1, up1), (low2, up2) = (((i := wilson(x, n, level)).lower, i.upper) for x in sides)
    before, now = (x / n for x in sides)
    margins = sides[0] * (n - sides[0]) * sides[1] * (n - sides[1])
    excess = both_right * both_wrong - losses * gains
    phi = (max(excess - n / 2, 0) if excess > 0 else excess) / margins**0.5 if margins else 0.0
    down = ((now - low2) ** 2 - 2 * phi * (now - low2) * (up1 - before) + (up1 - before) ** 2) ** 0.5
    up = ((up2 - now) ** 2 - 2 * phi * (up2 - now) * (before - low1) + (before - low1) ** 2) ** 0.5
    return now - before - down, now - before + up


@golden("newcombe_paired_10")
def test_newcombes_interval_agrees_with_independent_values(row):
    assert newcombe(*list(row.values())[:5]) == pytest.approx((row["lower"], row["upper"]), rel=1e-6)


def test_newcombes_interval_would_pass_a_drop_of_the_margin_more_often_than_tangos():
    """96 cases, half of them right before, each lost with a chance of 5 %."""
    n, wrong, margin = 96, 48, 0.05
    passes = {"newcombe": 0.0, "tango": 0.0}
    for losses in range(n - wrong + 1):
        chance = comb(n, losses) * margin**losses * (1 - margin) ** (n - losses)
        passes["newcombe"] += chance * (newcombe(n - wrong - losses, losses, 0, wrong)[0] > -margin)
        passes["tango"] += chance * (verdict(losses, 0, n, margin) == "pass")
    assert passes["tango"] < 0.05 < 0.13 < passes["newcombe"]
