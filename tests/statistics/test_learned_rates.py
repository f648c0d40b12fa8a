"""How often learned routes and thresholds break their bound, in small worlds whose truth is known."""

from __future__ import annotations

from random import Random
from statistics import fmean

from fakes.lessons import outcome, sample

from pytest_llmcost.domain.policy import Way
from pytest_llmcost.strategies.learn.calibrated import Bound
from pytest_llmcost.strategies.learn.candidates import single
from pytest_llmcost.strategies.learn.routes import Goal, learn_routes
from pytest_llmcost.strategies.learn.samples import Sample, halves, passage
from pytest_llmcost.strategies.learn.vectors import calibrate_vectors

LOST = {"a": 0.0, "b": 0.03, "c": 0.06, "d": 0.2}
"""Of each type's answers, what the cheap tier loses; as much as a tenth of them turns either way besides."""
RUNS, CASES, BOUND = 120, 500, 0.02


def case(draw: Random, number: int) -> Sample:
    kind, fate = draw.choice("abcd"), draw.random()
    lost = 0.05 + LOST[kind]
    cheap, dear = (0.0, 1.0) if fate < lost else (1.0, 0.0) if fate < lost + 0.05 else (1.0, 1.0)
    return sample(number, kind, cheap=outcome(cheap, "0.001"), dear=outcome(dear, "0.01"))


def test_learned_routes_break_their_bound_no_more_often_than_stated_and_save_something():
    draw, broken, moved = Random(17), 0, 0
    for run in range(RUNS):
        cases = [case(draw, number) for number in range(CASES)]
        found = learn_routes(*halves(cases, run), ("cheap", "dear"), Goal(BOUND, 0.9), safe="dear")
        cheap = [kind for kind, way in found.ways.items() if way == single("cheap")]
        moved += len(cheap)
        broken += sum(LOST[kind] for kind in cheap) / 4 > BOUND
    assert broken / RUNS <= 0.1 + 3 * (0.09 / RUNS) ** 0.5
    assert moved > RUNS / 4


def graded(draw: Random, number: int) -> Sample:
    """A case of three tiers, whose confidence is worth something."""
    hardness, outcomes = draw.random(), {}
    for name, usd, reach in (("cheap", "0.001", 0.7), ("mid", "0.01", 0.85), ("dear", "0.1", 0.95)):
        is_right = 0.8 * hardness + 0.2 * draw.random() < reach
        sure = min(1.0, max(0.0, draw.gauss(0.75 if is_right else 0.5, 0.2)))
        outcomes[name] = outcome(float(is_right), usd, sure)
    return sample(number, **outcomes)


def test_thresholds_of_a_longer_cascade_break_their_bound_no_more_often_than_stated_and_the_best_looking_ones_do():
    draw = Random(5)
    world = [graded(draw, number) for number in range(2000)]
    known: dict[Way, float] = {}

    def harm(way: Way) -> float:
        if way not in known:
            known[way] = fmean(passage(one, way).score < passage(one, single("dear")).score for one in world)
        return known[way]

    runs, broken, naive, moved = 40, 0, 0, 0
    for run in range(runs):
        cases = draw.sample(world, 400)
        found = calibrate_vectors(*halves(cases, run), ("cheap", "mid", "dear"), Bound(0.05, 0.9, is_net=False))
        broken += harm(found.chosen.way) > 0.05
        naive += harm(found.naive.way) > 0.05
        moved += len(found.chosen.way) > 1
    assert broken / runs <= 0.1 + 3 * (0.09 / runs) ** 0.5
    assert naive / runs > 0.25
    assert moved > 0.9 * runs
