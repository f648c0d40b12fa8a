"""How often the gate itself errs: seeded runs, and bounds of chance around 5 %.

Of graded scores, repeats and groups each world draws the cases of one run; the gate judges it as it judges a user's,
from trials to verdict. Bounds are 5 % and three standard errors of so many runs; `docs/statistics.md` has the figures
of longer ones. Of right and wrong answers the pull requests are those of `benchmarks/gate_quality.py`, whose promises
(`docs/gate_quality.md`) are held here exactly for one suite, and by a small simulation for many.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from math import comb, exp, lgamma, log
from pathlib import Path
from random import Random
from types import ModuleType

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


@pytest.fixture(scope="module")
def pull_requests() -> ModuleType:
    """The script, as a module."""
    path = Path(__file__).parents[2] / "benchmarks" / "gate_quality.py"
    spec = importlib.util.spec_from_file_location("gate_quality", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["gate_quality"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def chance_of_failing(pull_requests: ModuleType, n: int, discordance: float, drop: float, fail_on: str) -> float:
    """Add up the chances of all numbers of lost and won cases that fail; those below 1e-8 are left out."""
    lost, won, *_ = pull_requests.Scenario(1, 1, n, discordance, drop).chances
    total = 0.0
    for b in range(n + 1):
        for c in range(min(b, n - b + 1)):  # no run fails that won as many as it lost
            ways = lgamma(n + 1) - lgamma(b + 1) - lgamma(c + 1) - lgamma(n - b - c + 1)
            chance = exp(ways + b * log(lost) + c * log(won) + (n - b - c) * log(1 - lost - won))
            if chance > 1e-8 and pull_requests.outcome([(b, c)], n, 1, fail_on) is Outcome.FAIL:
                total += chance
    return total


@pytest.mark.parametrize("fail_on", ["drop_of_margin", "any_drop"])
@pytest.mark.parametrize("n", [50, 100, 200])
def test_right_or_wrong_an_unchanged_suite_fails_in_5_percent_of_pull_requests(
    pull_requests: ModuleType, n: int, fail_on: str
) -> None:
    """Exact. The promise is 5.5 %."""
    for discordance in (0.05, 0.15, 0.25, 0.40):
        assert chance_of_failing(pull_requests, n, discordance, 0.0, fail_on) <= 0.0525


def test_a_drop_of_10_points_is_caught_in_95_percent_of_pull_requests(pull_requests: ModuleType) -> None:
    """Exact, at 200 cases of which 15 % turn; an unpaired z-test catches 92 %."""
    assert chance_of_failing(pull_requests, 200, 0.15, 0.10, "drop_of_margin") > 0.97


@pytest.mark.parametrize(("suites", "changed"), [(10, 10), (40, 40), (40, 1)])
def test_many_suites_unchanged_fail_in_5_percent_of_pull_requests_and_simpler_rules_in_most(
    pull_requests: ModuleType, suites: int, changed: int
) -> None:
    rates = pull_requests.simulate(pull_requests.Scenario(suites, changed, 100, 0.25, 0.0), RUNS, seed=1)
    assert rates.fail <= BOUND
    assert rates.fail + rates.inconclusive + rates.passed == pytest.approx(1)
    assert rates.below > (0.9 if changed > 1 else 0.35)


def test_a_pull_request_that_touches_one_suite_of_forty_pays_for_one_test(pull_requests: ModuleType) -> None:
    for losses, gains in ((14, 3), (9, 2), (8, 2)):
        alone, among_forty = (pull_requests.outcome([(losses, gains)], 100, suites, "any_drop") for suites in (1, 40))
        assert alone is among_forty


def test_the_table_names_the_promise_that_a_row_breaks(pull_requests: ModuleType) -> None:
    promised = pull_requests.Scenario(1, 1, 200, 0.15, 0.10)
    kept, broken = (pull_requests.Rates(fail, 1 - fail, *[0.0] * 5) for fail in (0.96, 0.94))
    assert pull_requests.broken(promised, kept) == ""
    assert pull_requests.broken(promised, broken) == "only 94.0% caught"
    assert pull_requests.broken(
        pull_requests.Scenario(10, 1, 50, 0.15, 0.0), pull_requests.Rates(0.06, *[0.0] * 6)
    ).startswith("6.0")
