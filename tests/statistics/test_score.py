import json
from math import comb
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.statistics.intervals import critical_z
from pytest_llmcost.statistics.paired import passes_zero_discordance, tango_interval, tango_z
from pytest_llmcost.statistics.score import graded_score_z, largest_possible_drop

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())


@pytest.mark.parametrize("row", GOLDEN["graded_pass"], ids=lambda row: f"{len(row['diffs'])} cases")
def test_graded_score_agrees_with_independent_values(row):
    z = graded_score_z(row["diffs"], row["margin"])
    assert z == pytest.approx(row["score_z"], rel=1e-6)
    assert (z >= critical_z(0.05)) == row["pass_score_at_05"]


@given(st.integers(1, 500), st.sampled_from([0.01, 0.05, 0.2]))
def test_with_nothing_changed_it_is_tangos_statistic(n, margin):
    assert graded_score_z([0.0] * n, margin) == pytest.approx(tango_z(0, 0, n, margin))


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=50), st.integers(1, 99))
def test_it_is_defined_everywhere_and_has_the_sign_of_what_is_left_of_the_margin(percents, margin):
    z = graded_score_z([percent / 100 for percent in percents], margin / 100)
    left = sum(percents) + margin * len(percents)
    assert z == pytest.approx(0, abs=1e-6) if left == 0 else z * left > 0


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=80), st.integers(1, 99))
def test_a_margin_is_disproved_when_it_is_above_the_largest_possible_drop(percents, margin):
    diffs = [percent / 100 for percent in percents]
    possible = largest_possible_drop(diffs)
    if abs(possible - margin / 100) > 1e-6:
        assert (graded_score_z(diffs, margin / 100) >= critical_z(0.05)) == (margin / 100 > possible)


def test_where_nothing_changed_the_largest_possible_drop_is_the_end_of_tangos_interval():
    assert largest_possible_drop([0.0] * 100) == pytest.approx(-tango_interval(0, 0, 100).lower, abs=1e-8)
    assert largest_possible_drop([-1.0, -1.0]) == 1


def chance_to_pass(n, usual, margin):
    """Of a system where each case changes by *usual* or is lost, such that the mean drop is just the margin."""
    lost = (margin + usual) / (1 + usual)
    passes = [
        k
        for k in range(n + 1)
        if graded_score_z([-1.0] * k + [usual] * (n - k), margin) >= critical_z(0.05)
        and passes_zero_discordance(n, margin)
    ]
    return sum(comb(n, k) * lost**k * (1 - lost) ** (n - k) for k in passes)


@pytest.mark.parametrize(("n", "margin"), [(60, 0.05), (200, 0.05), (150, 0.02)])
@pytest.mark.parametrize("usual", [0, 0.02, 0.2])
def test_rare_total_losses_do_not_slip_through(n, margin, usual):
    """Where nearly all cases gain a little and few are lost; a t interval passes up to 38 % of these."""
    assert chance_to_pass(n, usual, margin) <= 0.057


def test_a_large_margin_does_not_make_it_careless():
    """Most cases drop by nearly half, few are lost; the short variance of statistics.md section 3 passes in 78 %."""
    assert chance_to_pass(5, -0.475, 0.5) <= 0.12


def test_differences_beyond_a_whole_point_are_refused():
    with pytest.raises(ValueError, match="diffs reach -3"):
        graded_score_z([0.1, -3, 0.2], 0.05)
