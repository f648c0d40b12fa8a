import json
from pathlib import Path
from random import Random

import pytest

from pytest_llmcost.statistics.intervals import critical_z
from pytest_llmcost.statistics.paired import passes_zero_discordance, tango_z
from pytest_llmcost.statistics.power import cases_needed, graded_cases_needed

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())


@pytest.mark.parametrize("row", GOLDEN["needs_more"])
def test_cases_needed_agrees_with_independent_values(row):
    found = cases_needed(row["losses"], row["gains"], row["n"], row["margin"], row["alpha"], row["power"])
    assert (found, found - row["n"]) == (row["N"], row["more"])


def test_for_graded_scores_the_variance_stands_for_the_share_that_changed():
    """5 losses and 5 gains among 100: a variance of 0.1, where the smoothed share is 11/102."""
    assert graded_cases_needed([-1.0] * 5 + [1.0] * 5 + [0.0] * 90, 0.05) == 250
    assert cases_needed(5, 5, 100, 0.05) == 267


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
