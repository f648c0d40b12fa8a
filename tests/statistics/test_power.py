import json
import math
from pathlib import Path
from random import Random

import pytest

from pytest_llmcost.statistics.intervals import critical_z
from pytest_llmcost.statistics.paired import passes_zero_discordance, tango_z
from pytest_llmcost.statistics.power import cases_needed, graded_cases_needed
from pytest_llmcost.statistics.score import graded_score_z

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())


@pytest.mark.parametrize("row", GOLDEN["needs_more"])
def test_cases_needed_agrees_with_independent_values(row):
    found = cases_needed(row["losses"], row["gains"], row["n"], row["margin"], row["alpha"], row["power"])
    assert (found, found - row["n"]) == (row["N"], row["more"])


def test_for_graded_scores_the_variance_stands_for_the_share_that_changed():
    """5 losses and 5 gains among 100: a variance of 10/99, and 0.05 x 0.95 more of it under a drop of the margin."""
    by_hand = (1.644854 * (10 / 99 + 0.05 * 0.95) ** 0.5 + 0.841621 * (10 / 99) ** 0.5) ** 2 / 0.05**2
    assert graded_cases_needed([-1.0] * 5 + [1.0] * 5 + [0.0] * 90, 0.05) == math.ceil(by_hand) == 325


def test_without_any_change_the_provable_margin_still_sets_the_number():
    assert graded_cases_needed([0.0, 0.0, 0.0], 0.05) == 59


def test_an_unchanged_system_then_passes_in_about_four_of_five_runs():
    """2,000 seeded runs of the 267 cases that 10 changes among 100 ask for."""
    random = Random(41)
    n, passed = cases_needed(6, 4, 100, margin=0.05), 0
    for _ in range(2_000):
        changes = random.choices(("lost", "gained", "same"), (0.05, 0.05, 0.9), k=n)
        z = tango_z(changes.count("lost"), changes.count("gained"), n, 0.05)
        passed += z >= critical_z(0.05) and passes_zero_discordance(n, 0.05)
    assert 0.71 <= passed / 2_000 <= 0.88


@pytest.mark.parametrize(("spread", "margin"), [(0.1, 0.05), (0.3, 0.05), (0.1, 0.02)])
def test_a_graded_system_that_did_not_change_then_passes_in_about_four_of_five_runs(spread, margin):
    """400 seeded runs each, of as many cases as 40 of them ask for; without the margin's term it is 36 to 67 %."""
    random = Random(42)

    def run(n):
        return [max(-1.0, min(1.0, random.gauss(0, spread))) for _ in range(n)]

    passed = 0
    for _ in range(400):
        n = graded_cases_needed(run(40), margin)
        passed += graded_score_z(run(n), margin) >= critical_z(0.05) and passes_zero_discordance(n, margin)
    assert 0.70 <= passed / 400 <= 0.95
