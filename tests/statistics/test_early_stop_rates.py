"""How often a run that may stop early errs: exactly, over every course of right and wrong answers.

A course is decided by the bets where they are certain on the way, and by the test at its end otherwise. After n cases
all depends on how many were lost and won, so that the chances of all courses can be followed from case to case.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from functools import cache
from random import Random

import pytest
from fakes.evidence import BLANK, graded, paired

from pytest_llmcost.domain.gate import Outcome, QualityGate
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.sequential import EGate, Looks, compare_on_the_way

QUALITY = dataclasses.replace(BLANK, metric="quality", margin=0.2, n=120)
BETS = [0.02 * 49 ** (step / 23) for step in range(24)]


@cache
def certain(losses: int, gains: int, n: int, gate: QualityGate, family: int) -> Outcome | None:
    """What the bets say; their wealth is multiplied out here, not added up case by case."""
    level = 0.05 if gate.anytime else 0.01
    margin, same = gate.margin, n - losses - gains
    gain, equal = (1 + margin) / (1 - margin), margin / (1 - margin)
    no_drop_of_margin = sum((1 - b) ** losses * (1 + b * gain) ** gains * (1 + b * equal) ** same for b in BETS) / 24
    if no_drop_of_margin >= 1 / level:
        return Outcome.PASS
    drop = sum((1 + b) ** losses * (1 - b) ** gains for b in BETS) / 24
    least = margin * n if gate.fail_on == "drop_of_margin" else 1
    return Outcome.FAIL if drop >= family / level and losses - gains >= least else None


@cache
def at_the_end(losses: int, gains: int, n: int, gate: QualityGate, family: int) -> Outcome:
    verdict = compare_on_the_way(
        dataclasses.replace(BLANK, metric="quality", margin=gate.margin, n=n),
        gate,
        paired(losses, gains, n),
        Looks(family),
    )
    # Among *family* tests of which no other says anything Holm multiplies its p by their number.
    p = min(1.0, (verdict.p or 0.0) * family)
    return decide([dataclasses.replace(verdict, p=p)])[0].outcome


def chances(n: int, loss: float, gain: float, gate: QualityGate, family: int = 1) -> dict[Outcome, float]:
    """The chance of each outcome of a run of *n* cases, and under `new` the mean share of the cases that was asked."""
    open_courses, found = {(0, 0): 1.0}, defaultdict(float)
    for done in range(1, n + 1):
        following: dict[tuple[int, int], float] = defaultdict(float)
        for (losses, gains), chance in open_courses.items():
            following[losses + 1, gains] += chance * loss
            following[losses, gains + 1] += chance * gain
            following[losses, gains] += chance * (1 - loss - gain)
        open_courses = {}
        for (losses, gains), chance in following.items():
            if (outcome := certain(losses, gains, done, gate, family)) is not None:
                found[outcome] += chance
                found[Outcome.NEW] += chance * done / n
            elif chance > 1e-12:
                open_courses[losses, gains] = chance
    for (losses, gains), chance in open_courses.items():
        found[at_the_end(losses, gains, n, gate, family)] += chance
        found[Outcome.NEW] += chance
    return found


GATE = QualityGate(margin=0.15)
ANY_DROP = dataclasses.replace(GATE, fail_on="any_drop")
N = 40


@pytest.mark.parametrize("turned", [0.1, 0.5])
@pytest.mark.parametrize("anytime", [False, True], ids=["early stop", "anytime"])
def test_where_nothing_changed_at_most_5_percent_of_runs_fail(anytime: bool, turned: float) -> None:
    gate = dataclasses.replace(ANY_DROP, anytime=anytime)
    assert chances(N, turned / 2, turned / 2, gate)[Outcome.FAIL] <= 0.05


@pytest.mark.parametrize("gain", [0.0, 0.1])
@pytest.mark.parametrize("anytime", [False, True], ids=["early stop", "anytime"])
def test_a_drop_of_just_the_margin_passes_as_seldom_as_without_early_stop(anytime: bool, gain: float) -> None:
    """Tango's test alone reaches 5.7 %, and 6.9 % where there are no gains."""
    found = chances(N, 0.15 + gain, gain, dataclasses.replace(GATE, anytime=anytime))
    assert found[Outcome.PASS] <= (0.05 if anytime else 0.057)


def test_among_many_suites_a_fail_on_the_way_is_as_rare_as_the_share_of_each() -> None:
    assert chances(N, 0.1, 0.1, ANY_DROP, family=20)[Outcome.FAIL] <= 0.05 / 20


def test_a_drop_of_three_margins_is_seldom_missed_and_spares_a_third_of_even_so_few_cases() -> None:
    found = chances(N, 0.47, 0.02, GATE)
    assert found[Outcome.FAIL] >= 0.98
    assert found[Outcome.NEW] <= 0.67


def test_the_bets_of_the_gate_are_those_reckoned_here() -> None:
    random = Random(3)
    for gate in (QualityGate(), ANY_DROP, QualityGate(anytime=True)):
        for _ in range(20):
            e_gate, losses, gains, loss = EGate(gate, 3), 0, 0, random.choice((0.02, 0.2, 0.5))
            for n in range(1, 200):
                change = random.choices((-1.0, 1.0, 0.0), (loss, 0.02, 0.98 - loss))[0]
                losses, gains = losses + (change < 0), gains + (change > 0)
                e_gate.add(change)
                assert e_gate.outcome is certain(losses, gains, n, gate, 3)


RUNS = 100
BOUND = 0.05 + 3 * (0.05 * 0.95 / RUNS) ** 0.5


@pytest.mark.parametrize("drop", [0.0, 0.2], ids=["no change fails", "a drop of just the margin passes"])
def test_groups_that_share_their_fate_err_in_5_percent_of_runs(drop: float) -> None:
    random, wrong = Random(11), Outcome.PASS if drop else Outcome.FAIL
    gate = QualityGate(margin=0.2, fail_on="drop_of_margin" if drop else "any_drop")
    errors = 0
    for _ in range(RUNS):
        now, names = [], []
        for group in range(30):
            fate = max(-0.5, min(0.5, random.gauss(-drop, 0.2)))
            now += [0.5 + fate + random.uniform(-0.1, 0.1) * (abs(fate) < 0.4) for _ in range(4)]
            names += [str(group)] * 4
        pairing = graded([0.5] * len(now), now, names)
        e_gate, outcome = EGate(gate), None
        for start in range(0, len(now), 4):
            e_gate.add(math.fsum(now[start : start + 4]) / 4 - 0.5)
            outcome = outcome or e_gate.outcome
        outcome = outcome or decide([compare_on_the_way(QUALITY, gate, pairing, Looks(1))])[0].outcome
        errors += outcome is wrong
    assert errors / RUNS <= BOUND
