"""How often learned routes break their bound, in a small world whose truth is known."""

from __future__ import annotations

from random import Random

from fakes.lessons import outcome, sample

from pytest_llmcost.strategies.learn.candidates import single
from pytest_llmcost.strategies.learn.routes import Goal, learn_routes
from pytest_llmcost.strategies.learn.samples import Sample, halves

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
