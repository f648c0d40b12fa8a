"""How often the verdict on all suites errs, and the run that it is a part of: seeded runs through the gate's own code.

Each world draws the cases of all suites of one run. Bounds are 5 % and three standard errors of so many runs;
`docs/statistics.md` has the figures of longer ones.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from random import Random

import pytest
from fakes.evidence import BLANK, graded

from pytest_llmcost.domain.gate import Outcome, QualityGate, Verdict
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.pooled import Compared, judge_pooled
from pytest_llmcost.gate.quality import judge_quality

RUNS = 150
BOUND = 0.05 + 3 * (0.05 * 0.95 / RUNS) ** 0.5

Run = Sequence[tuple[str, Pairing]]
"""Suite and cases, strategy by strategy."""

World = Callable[[Random], Run]


def verdicts(run: Run, margin: float, fail_on: str) -> tuple[Verdict, ...]:
    """The verdict on each, and that on all as the last."""
    gate = QualityGate(margin=margin, fail_on=fail_on)
    tested = []
    for place, (suite, pairing) in enumerate(run):
        blank = dataclasses.replace(BLANK, suite=suite, strategy=f"strategy {place}")
        verdict = judge_quality(blank, gate, [pair.now for pair in pairing.pairs], pairing)
        tested.append(Compared(verdict, gate, pairing))
    pooled = judge_pooled(tested)
    assert pooled is not None
    return decide([*(one.verdict for one in tested), pooled])


def shares(
    world: World, *says: Callable[[Sequence[Verdict]], bool], margin: float = 0.05, runs: int = RUNS
) -> list[float]:
    """Of so many runs, the share of which each of *says* holds."""
    random = Random(23)
    found = [verdicts(world(random), margin, "any_drop") for _ in range(runs)]
    return [sum(map(one, found)) / runs for one in says]


def fails(found: Sequence[Verdict]) -> bool:
    return any(verdict.outcome is Outcome.FAIL for verdict in found)


def pooled_is_significant(found: Sequence[Verdict]) -> bool:
    """By itself, before the correction for the other verdicts."""
    return found[-1].may_fail and found[-1].p is not None and found[-1].p <= 0.05


def pooled_passes(found: Sequence[Verdict]) -> bool:
    return found[-1].outcome is Outcome.PASS


def suites(*rates: tuple[int, float, float]) -> World:
    """Suites of so many cases, each lost and won with these chances."""

    def world(random: Random) -> Run:
        run = []
        for place, (n, loss, gain) in enumerate(rates):
            kinds = random.choices(((1.0, 0.0), (0.0, 1.0), (1.0, 1.0)), (loss, gain, 1 - loss - gain), k=n)
            run.append((f"bench_{place}.yaml", graded(*zip(*kinds, strict=True))))
        return run

    return world


def two_strategies(number: int, n: int, drop: float, gain: float) -> World:
    """Two strategies of each suite lose the same cases more often than chance would have it."""

    def world(random: Random) -> Run:
        run = []
        for place in range(number):
            fates = random.choices((-1, 1, 0), (drop + gain, gain, 1 - drop - 2 * gain), k=n)
            for _ in range(2):
                own = [
                    fate
                    if random.random() < 0.7
                    else random.choices((-1, 1, 0), (drop + gain, gain, 1 - drop - 2 * gain))[0]
                    for fate in fates
                ]
                run.append((f"bench_{place}.yaml", graded([float(f < 1) for f in own], [float(f > -1) for f in own])))
        return run

    return world


def of_many_kinds(number: int, n: int, drop: float = 0.0) -> World:
    """Graded suites, suites with repeats, and suites in groups of four, in turn."""

    def spread(random: Random) -> Pairing:
        return graded([0.5] * n, [0.5 + max(-0.5, min(0.5, random.gauss(-drop, 0.15))) for _ in range(n)])

    def repeated(random: Random) -> Pairing:
        skills = [random.uniform(0.3, 1.0) for _ in range(n)]
        sides = [[[float(random.random() < s - less) for _ in range(3)] for s in skills] for less in (0, drop)]
        return graded(*sides)

    def grouped(random: Random) -> Pairing:
        lost = [random.random() < drop + 0.05 for _ in range(n // 4)]
        won = [random.random() < 0.05 / (0.95 - drop) for _ in range(n // 4)]
        kinds = [(1.0, 0.0) if b else (0.0, 1.0) if c else (1.0, 1.0) for b, c in zip(lost, won, strict=True)]
        cases = [kind for kind in kinds for _ in range(4)]
        return graded(*zip(*cases, strict=True), [str(place // 4) for place in range(len(cases))])

    kinds = (spread, repeated, grouped)
    return lambda random: [(f"bench_{place}.yaml", kinds[place % 3](random)) for place in range(number)]


UNCHANGED = {
    "2 suites": suites(*[(40, 0.08, 0.08)] * 2),
    "10 suites": suites(*[(50, 0.05, 0.05)] * 10),
    "2 strategies": two_strategies(3, 30, 0.0, 0.08),
    "graded, repeated, grouped": of_many_kinds(3, 24),
}
AT_THE_MARGIN = {
    "2 suites": (suites(*[(60, 0.10, 0.05)] * 2), 0.05),
    "losses alone": (suites(*[(60, 0.05, 0.0)] * 2), 0.05),
    "all of it in one suite": (suites((40, 0.2, 0.0), (120, 0.0, 0.0)), 0.05),
    "2 strategies": (two_strategies(2, 60, 0.1, 0.03), 0.1),
    "graded, repeated, grouped": (of_many_kinds(3, 48, drop=0.2), 0.2),
}


@pytest.mark.parametrize("name", UNCHANGED)
def test_where_nothing_got_worse_5_percent_of_runs_fail_and_the_pooled_verdict_alone_would_fail_no_more(
    name: str,
) -> None:
    """The pooled verdict is one more test of the run's family."""
    of_the_run, of_the_pooled = shares(UNCHANGED[name], fails, pooled_is_significant)

    assert of_the_run <= BOUND
    assert of_the_pooled <= BOUND


def test_suites_that_got_better_make_up_for_those_that_got_worse() -> None:
    world = suites(*[(50, 0.15, 0.05)] * 2, *[(50, 0.05, 0.15)] * 2)

    assert shares(world, pooled_is_significant)[0] <= BOUND


@pytest.mark.parametrize("name", AT_THE_MARGIN)
def test_a_drop_of_just_the_margin_passes_in_5_percent_of_runs(name: str) -> None:
    world, margin = AT_THE_MARGIN[name]

    assert shares(world, pooled_passes, margin=margin)[0] <= BOUND


def test_a_drop_everywhere_that_no_suite_can_show_is_seen_in_all_together() -> None:
    """Ten suites of 40 cases, each 8 points worse."""
    world = suites(*[(40, 0.11, 0.03)] * 10)

    of_suites, of_all = shares(world, lambda found: fails(found[:-1]), lambda found: fails(found[-1:]), runs=40)

    assert of_suites < 0.5 < 0.9 < of_all
