"""How much two runs of one system differ, told from one of them: against simulated truth, and by hand."""

from __future__ import annotations

import math
from itertools import product
from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.statistics.noise import discordance_of, stranger_by_discordance, strangers, strangers_by_repeats

cases = st.lists(st.lists(st.sampled_from([0.0, 0.3, 1.0]), min_size=1, max_size=4), min_size=2, max_size=8)


def skills(random: Random, n: int) -> list[float]:
    """Most cases are always right or always wrong, a few are right in most trials."""
    return [random.choice((1, 1, 1, 0, 0.5, 0.8, 0.9, 0.95)) for _ in range(n)]


@pytest.mark.parametrize("k", [2, 3, 5])
def test_repeats_tell_without_bias_how_many_cases_another_run_turns(k: int) -> None:
    """Drawn from the case's own trials alone, two runs would differ less by a share 1/k."""
    random, found, true, own_alone = Random(5), [], [], []
    for _ in range(40):
        system = skills(random, 200)
        trials = [[float(random.random() < skill) for _ in range(k)] for skill in system]
        true.append(mean(2 * skill * (1 - skill) for skill in system))
        found.append(discordance_of(trials, strangers_by_repeats(trials)))
        own_alone.append(discordance_of(trials, [0.0] * 200))

    assert mean(found) == pytest.approx(mean(true), abs=0.01)
    assert mean(own_alone) == pytest.approx(mean(true) * (1 - 1 / k), abs=0.01)


def test_the_mixture_has_the_variance_within_cases_that_repeats_show() -> None:
    """By hand, and without rounding: 100 graded cases of 3 trials, each trial drawn by its mixture."""
    random = Random(6)
    trials = [[min(1.0, max(0.0, random.gauss(middle, 0.1))) for _ in range(3)] for middle in (0.3, 0.5, 0.9) * 33]
    within = mean(sum((score - mean(case)) ** 2 for score in case) / 2 for case in trials)

    def variance(case: list[float], chance: float) -> float:
        pool = [score for other in trials for score in other]
        weights = [((1 - chance) / 3, score) for score in case] + [(chance / len(pool), score) for score in pool]
        middle = sum(weight * score for weight, score in weights)
        return sum(weight * (score - middle) ** 2 for weight, score in weights)

    mixed = mean(variance(case, chance) for case, chance in zip(trials, strangers_by_repeats(trials), strict=True))
    assert mixed == pytest.approx(within, rel=0.02)  # n against n - 1 cases


def test_answers_that_never_change_have_no_noise() -> None:
    assert strangers_by_repeats([[1.0, 1.0], [0.0, 0.0], [1.0]]) == [0.0, 0.0, 0.0]


def test_cases_that_differ_no_more_than_their_trials_are_all_alike() -> None:
    assert strangers_by_repeats([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]) == [1.0, 1.0, 1.0]


def test_a_case_with_more_trials_speaks_more_for_itself() -> None:
    once, often = strangers_by_repeats([[1.0], [1.0, 1.0, 1.0, 0.0], [0.0], [0.0, 0.0, 0.0, 1.0]])[:2]
    assert 0 < often < once < 1


@given(cases, st.floats(0, 1))
def test_discordance_is_how_often_two_draws_differ(trials: list[list[float]], chance: float) -> None:
    """Against all pairs of draws, one by one."""
    pool = strangers(trials)
    total = 0.0
    for case in trials:
        drawn = [((1 - chance) / len(case), score) for score in case]
        drawn += [(chance / len(pool), score) for score in pool]
        total += math.fsum(p * q for (p, one), (q, other) in product(drawn, drawn) if one != other)
    assert discordance_of(trials, [chance] * len(trials)) == pytest.approx(total / len(trials), abs=1e-9)


@pytest.mark.parametrize("wished", [0.01, 0.10, 0.30])
def test_an_assumed_discordance_is_met(wished: float) -> None:
    trials = [[1.0]] * 80 + [[0.0]] * 20
    chance = stranger_by_discordance(trials, wished)
    assert discordance_of(trials, [chance] * 100) == pytest.approx(wished, abs=1e-8)


def test_two_runs_of_nearly_right_answers_cannot_differ_much() -> None:
    """Of 98 right and 2 wrong, and Laplace's two more: at most 2 x 99 x 3 of 102^2 pairs."""
    trials = [[1.0]] * 98 + [[0.0]] * 2
    assert stranger_by_discordance(trials, 0.10) == 1.0
    assert discordance_of(trials, [1.0] * 100) == pytest.approx(2 * 99 * 3 / 102**2)


@pytest.mark.parametrize("trials", [[], [[1.0, 0.0]], [[1.0], [0.0]], [[1.0, math.nan], [0.0]]])
def test_too_few_repeats_and_scores_that_are_no_numbers_are_refused(trials: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="trials"):
        strangers_by_repeats(trials)


@pytest.mark.parametrize("discordance", [-0.1, 1.1, math.nan])
def test_an_impossible_discordance_is_refused_by_name(discordance: float) -> None:
    with pytest.raises(ValueError, match="discordance"):
        stranger_by_discordance([[1.0]], discordance)
