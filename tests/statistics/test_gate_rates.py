"""How often the gate itself errs on graded scores, repeats and groups: seeded runs, and bounds of chance around 5 %.

Each world draws the cases of one run; the gate judges it as it judges a user's, from trials to verdict. Bounds are
5 % and three standard errors of so many runs; `docs/statistics.md` has the figures of longer ones.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from random import Random

import pytest
from fakes.evidence import BLANK, graded

from pytest_llmcost.domain.gate import Outcome, QualityGate
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.quality import judge_quality
from pytest_llmcost.statistics.permutation import sign_flip, within_case_permutation

RUNS = 150
BOUND = 0.05 + 3 * (0.05 * 0.95 / RUNS) ** 0.5

World = Callable[[Random], Pairing]


def outcome(pairing: Pairing, margin: float, fail_on: str) -> Outcome:
    now = [pair.now for pair in pairing.pairs]
    return decide([judge_quality(BLANK, QualityGate(margin=margin, fail_on=fail_on), now, pairing)])[0].outcome


def share(wanted: Outcome, world: World, margin: float = 0.05, fail_on: str = "any_drop") -> float:
    random = Random(17)
    return sum(outcome(world(random), margin, fail_on) is wanted for _ in range(RUNS)) / RUNS


def trials(random: Random, skill: float, times: int) -> list[float]:
    return [float(random.random() < skill) for _ in range(times)]


def spread(n: int, drop: float = 0.0) -> World:
    """Each case's score changes by chance, by 0.1 or so."""
    return lambda random: graded([0.5] * n, [0.5 + max(-0.5, min(0.5, random.gauss(-drop, 0.1))) for _ in range(n)])


def repeated(n: int, before: int, now: int, drop: float = 0.0) -> World:
    """Cases that are right in some of their trials only."""

    def world(random: Random) -> Pairing:
        skills = [random.uniform(0.3, 1.0) for _ in range(n)]
        return graded(
            [trials(random, skill, before) for skill in skills],
            [trials(random, max(0.0, skill - drop), now) for skill in skills],
        )

    return world


def turning(n: int, before: int, now: int) -> World:
    """Of 10 cases 2 turn, for good: as many are lost as won, on average."""

    def world(random: Random) -> Pairing:
        kinds = random.choices(((1.0, 0.0), (0.0, 1.0), (1.0, 1.0)), (0.1, 0.1, 0.8), k=n)
        return graded([[b] * before for b, _ in kinds], [[c] * now for _, c in kinds])

    return world


def shared_fates(
    groups: int, sizes: tuple[int, ...], drop: float = 0.0, trials_each: tuple[int, int] = (1, 1)
) -> World:
    """The cases of a group get better or worse together."""

    def world(random: Random) -> Pairing:
        cases: list[tuple[list[float], list[float], str]] = []
        for group in range(groups):
            fate = random.gauss(-drop, 0.2)
            for _ in range(sizes[group % len(sizes)]):
                skill = random.uniform(0.5, 0.7)
                sides = (trials(random, s, k) for s, k in zip((skill, skill + fate), trials_each, strict=True))
                cases.append((*sides, str(group)))
        return graded(*zip(*cases, strict=True))

    return world


def lost_groups(groups: int, sizes: tuple[int, ...], drop: float) -> World:
    """Few groups are lost whole, all others are as before."""

    def world(random: Random) -> Pairing:
        lost = [random.random() < drop for _ in range(groups)]
        named = [group for group in range(groups) for _ in range(sizes[group % len(sizes)])]
        return graded([1.0] * len(named), [float(not lost[group]) for group in named], list(map(str, named)))

    return world


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(spread(20), id="graded"),
        pytest.param(repeated(30, 3, 3), id="3 trials"),
        pytest.param(turning(30, 3, 3), id="3 trials, cases that turn"),
        pytest.param(repeated(30, 1, 3), id="1 trial before and 3 now"),
        pytest.param(turning(30, 5, 2), id="5 trials before and 2 now, cases that turn"),
        pytest.param(shared_fates(12, (5,)), id="groups"),
        pytest.param(shared_fates(12, (1, 2, 3, 9)), id="groups of many sizes"),
        pytest.param(shared_fates(12, (5,), trials_each=(3, 1)), id="groups, 3 trials before and 1 now"),
    ],
)
def test_a_system_that_did_not_get_worse_fails_in_5_percent_of_runs(world: World) -> None:
    """With `fail_on: any_drop`: the usual `drop_of_margin` fails less."""
    assert share(Outcome.FAIL, world) <= BOUND


@pytest.mark.parametrize(
    ("world", "margin"),
    [
        pytest.param(spread(60, drop=0.05), 0.05, id="graded"),
        pytest.param(repeated(60, 3, 3, drop=0.2), 0.2, id="3 trials"),
        pytest.param(repeated(60, 3, 1, drop=0.2), 0.2, id="3 trials before and 1 now"),
        pytest.param(shared_fates(40, (3,), drop=0.2), 0.2, id="groups"),
        pytest.param(lost_groups(60, (3,), drop=0.05), 0.05, id="groups, few of them lost"),
        pytest.param(lost_groups(20, (1, 1, 8), drop=0.2), 0.2, id="groups of many sizes, few of them lost"),
    ],
)
def test_a_drop_of_just_the_margin_passes_in_5_percent_of_runs(world: World, margin: float) -> None:
    assert share(Outcome.PASS, world, margin, "drop_of_margin") <= BOUND


@pytest.mark.parametrize("gain", [0.02, 0.2])
def test_rare_total_losses_of_graded_scores_pass_in_5_percent_of_runs(gain: float) -> None:
    """Exact: 60 cases of which each gains a little or is lost, 5 points of drop in all; t alone passes 8 to 10 %."""
    n, lost = 60, (0.05 + gain) / (1 + gain)
    chance = 0.0
    for k in range(n // 3):
        run = graded([1 - gain] * (n - k) + [1.0] * k, [1.0] * (n - k) + [0.0] * k)
        if outcome(run, 0.05, "drop_of_margin") is not Outcome.PASS:
            break
        chance += comb(n, k) * lost**k * (1 - lost) ** (n - k)
    assert chance <= 0.057


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(spread(20, drop=0.1), id="graded"),
        pytest.param(repeated(40, 3, 3, drop=0.2), id="3 trials"),
        pytest.param(repeated(40, 1, 3, drop=0.25), id="1 trial before and 3 now"),
        pytest.param(shared_fates(15, (5,), drop=0.3), id="groups"),
    ],
)
def test_a_real_drop_fails_in_four_of_five_runs(world: World) -> None:
    assert share(Outcome.FAIL, world, fail_on="drop_of_margin") >= 0.8


def test_signs_alone_and_exchanged_trials_alone_would_err_more_with_unequal_trials() -> None:
    """Why p is the larger of both."""
    random = Random(18)
    turned = [turning(30, 5, 2)(random) for _ in range(RUNS)]
    steady = [
        graded([trials(random, 0.9, 1) for _ in range(20)], [trials(random, 0.9, 3) for _ in range(20)])
        for _ in range(3 * RUNS)
    ]

    exchanged = [
        within_case_permutation([p.before.scores for p in run.pairs], [p.now.scores for p in run.pairs])
        for run in turned
    ]
    signs = [sign_flip(run.changes) for run in steady]

    assert sum(p <= 0.05 for p in exchanged) / len(exchanged) > 0.15
    assert sum(p <= 0.05 for p in signs) / len(signs) > 0.07
