"""How often a learned threshold or route loses more than it promised: ours, and the choice that looks best.

    python benchmarks/routes.py [--runs 200] [--seed 1]

A made-up world of twelve task types, three tiers and a confidence that is worth something. Its requests are many enough
to be the truth: each run draws cases from them, learns, and is then judged on all of them. A guarantee of 90 % may be
broken in 10 % of the runs.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import fmean

from pytest_llmcost.domain.policy import Way
from pytest_llmcost.strategies.learn.calibrated import Bound
from pytest_llmcost.strategies.learn.candidates import policies_to_try, single
from pytest_llmcost.strategies.learn.routes import Goal, learn_routes
from pytest_llmcost.strategies.learn.samples import Outcome, Sample, halves, passage
from pytest_llmcost.strategies.learn.thresholds import calibrate_thresholds
from pytest_llmcost.strategies.learn.traffic import Traffic, Ways, shares_of
from pytest_llmcost.strategies.learn.vectors import calibrate_vectors

TIERS = ("cheap", "mid", "frontier")
USD = {"cheap": Decimal("0.0001"), "mid": Decimal("0.001"), "frontier": Decimal("0.01")}
BOUNDS = (0.01, 0.02, 0.05)
CONFIDENCE = 0.9

Learner = Callable[[Sequence[Sample], float, int], Ways | Way]
"""Learns from cases, for a bound; the seed is for its own dice."""


def world(types: int, requests: int, seed: int) -> list[Sample]:
    """Return all requests that there are, the same number of each task type."""
    draw = random.Random(seed)
    found = []
    for kind in range(types):
        best = draw.uniform(0.75, 0.98)
        middle, worst = best - draw.choice((0.0, 0.02, 0.05, 0.12)), best - draw.choice((0.0, 0.05, 0.15, 0.35))
        right = {"frontier": best, "mid": middle, "cheap": worst}
        found += [_request(draw, f"type {kind:02}", number, right) for number in range(requests)]
    return found


def _request(draw: random.Random, kind: str, number: int, right: dict[str, float]) -> Sample:
    hardness = draw.random()  # one for all tiers: what one gets wrong, others often do, too
    outcomes = {}
    for tier, chance in right.items():
        is_right = 0.7 * hardness + 0.3 * draw.random() < _quantile(chance)
        confidence = min(1.0, max(0.0, draw.gauss(0.75 if is_right else 0.5, 0.2)))
        outcomes[tier] = (Outcome(float(is_right), is_right, USD[tier], 1.0, confidence=confidence),)
    return Sample("world", f"{kind} {number}", kind, None, outcomes)


def _quantile(chance: float) -> float:
    """Return what 0.7 U + 0.3 V, of two uniform draws, stays below with that chance."""
    a, b = 0.3, 0.7
    if chance <= a / (2 * b):
        return (2 * a * b * chance) ** 0.5
    if chance <= 1 - a / (2 * b):
        return b * chance + a / 2
    return a + b - (2 * a * b * (1 - chance)) ** 0.5


def our_route(cases: Sequence[Sample], bound: float, seed: int) -> Ways:
    """Return what `llmcost route learn` finds."""
    ordered, tested = halves(cases, seed)
    return learn_routes(ordered, tested, TIERS, Goal(bound, CONFIDENCE), safe="frontier").ways


def best_looking_route(cases: Sequence[Sample], bound: float, seed: int) -> Ways:
    """Return the policy whose loss on the very cases that chose it is just within the bound."""
    traffic = Traffic(cases, shares_of(cases), bound)
    safe = traffic.all_by(single("frontier"))
    tried = policies_to_try(traffic.kinds, shares_of(cases), TIERS, safe, None)
    within = [ways for ways in tried if traffic.measure(ways, safe).loss <= bound]
    return min(within, key=lambda ways: traffic.measure(ways, safe).usd)


def our_threshold(cases: Sequence[Sample], bound: float, seed: int) -> Way:
    """Return what `llmcost cascade calibrate` finds."""
    return calibrate_thresholds(cases, "cheap", "frontier", Bound(bound, CONFIDENCE, is_net=False)).chosen.way


def best_looking_threshold(cases: Sequence[Sample], bound: float, seed: int) -> Way:
    """Return the cheapest threshold whose loss on the very cases that chose it is within the bound."""
    return calibrate_thresholds(cases, "cheap", "frontier", Bound(bound, CONFIDENCE, is_net=False)).naive.way


def our_thresholds(cases: Sequence[Sample], bound: float, seed: int) -> Way:
    """Return what `llmcost cascade calibrate` finds for all three tiers."""
    return calibrate_vectors(*halves(cases, seed), TIERS, Bound(bound, CONFIDENCE, is_net=False)).chosen.way


def best_looking_thresholds(cases: Sequence[Sample], bound: float, seed: int) -> Way:
    """Return the cheapest of all cascades whose loss on the very cases that chose it is within the bound."""
    return calibrate_vectors(*halves(cases, seed), TIERS, Bound(bound, CONFIDENCE, is_net=False)).naive.way


@dataclass(frozen=True)
class Truth:
    """All requests, on which what was learned is judged."""

    traffic: Traffic
    safe: Ways
    known: dict[Way, float] = field(default_factory=dict)

    def judge(self, found: Ways | Way) -> tuple[float, float]:
        """Return what is really lost, and the share of the frontier's cost that is saved."""
        ways = {**self.safe, **found} if isinstance(found, dict) else self.traffic.all_by(found)
        measured = self.traffic.measure(ways, self.safe)
        lost = measured.loss if isinstance(found, dict) else self._harmed(found)
        return lost, 1 - float(measured.usd / USD["frontier"])

    def _harmed(self, way: Way) -> float:
        """Return the share of requests that the frontier answers rightly, and *way* does not."""
        if way not in self.known:
            samples = [sample for own in self.traffic.kinds.values() for sample in own]
            frontier = single("frontier")
            self.known[way] = fmean(passage(one, way).score < passage(one, frontier).score for one in samples)
        return self.known[way]


def table(name: str, learners: Mapping[str, Learner], everything: Sequence[Sample], cases: int, runs: int) -> None:
    """Print how often each learner broke its bound, what it lost at worst, and what it saved."""
    print(f"\n{name}: {cases} cases, {runs} runs, {CONFIDENCE:.0%} sure\n")
    print("| bound | choice | bound broken | loss, mean | loss, worst | cost saved |")
    print("| --- | --- | --- | --- | --- | --- |")
    shares = shares_of(everything)
    traffic = Traffic(everything, shares, BOUNDS[0])
    truth = Truth(traffic, traffic.all_by(single("frontier")))
    for bound in BOUNDS:
        for learner, learn in learners.items():
            drawn = (random.Random(seed).sample(list(everything), cases) for seed in range(runs))
            judged = [truth.judge(learn(cases_of_run, bound, seed)) for seed, cases_of_run in enumerate(drawn)]
            losses, saved = zip(*judged, strict=True)
            broken = sum(loss > bound for loss in losses) / runs
            print(
                f"| {100 * bound:g} pt | {learner} | {broken:.0%} | {100 * fmean(losses):.2f} pt "
                f"| {100 * max(losses):.2f} pt | {fmean(saved):.0%} |",
                flush=True,
            )


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    everything = world(types=12, requests=1000, seed=arguments.seed)
    thresholds = {"looks best": best_looking_threshold, "learned, then tested": our_threshold}
    routes = {"looks best": best_looking_route, "learned, then tested": our_route}
    of_three = {"looks best": best_looking_thresholds, "learned, then tested": our_thresholds}
    table("A threshold of a cascade", thresholds, everything, 400, arguments.runs)
    table("Thresholds of a cascade of three", of_three, everything, 1000, arguments.runs)
    table("Routes by task type", routes, everything, 1000, arguments.runs)


if __name__ == "__main__":
    main()
