"""What an adaptive router makes of traffic that drifts: its cost and failures beside fixed tiers and an oracle.

    python benchmarks/adaptive.py [--reports 20000] [--runs 5] [--seed 1]

Six task types, whose tiers fail at rates that change twice on the way. The oracle knows the rates, and always takes the
cheapest tier that fails seldom enough. Then: how often a type moves without need where nothing changes.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

from pytest_llmcost.strategies.adaptive import Rules

TIERS = ("cheap", "mid", "frontier")
USD = {"cheap": 0.0001, "mid": 0.001, "frontier": 0.01}
LIMIT = 0.10
RULES = Rules(TIERS, max_failure_rate=LIMIT, error_rate=0.001, retry_after=500)

Rates = tuple[float, float, float]
"""How often each tier fails."""
DRIFT: dict[str, tuple[Rates, Rates, Rates]] = {
    "always easy": ((0.02, 0.02, 0.01),) * 3,
    "always hard": ((0.40, 0.20, 0.04),) * 3,
    "needs mid": ((0.25, 0.04, 0.02),) * 3,
    "becomes hard": ((0.03, 0.02, 0.01), (0.30, 0.04, 0.02), (0.35, 0.25, 0.04)),
    "becomes easy": ((0.40, 0.25, 0.04), (0.30, 0.04, 0.02), (0.03, 0.02, 0.01)),
    "an incident": ((0.03, 0.02, 0.01), (0.50, 0.30, 0.03), (0.03, 0.02, 0.01)),
}


@dataclass
class Outcome:
    """What some traffic cost, how much of it failed, and how much of it went to a tier that fails too often."""

    usd: float
    failed: float
    beyond: float


def oracle(rates: Rates) -> int:
    """Return the cheapest tier that fails seldom enough; the best where none does."""
    return next((tier for tier, rate in enumerate(rates) if rate <= LIMIT), rates.index(min(rates)))


def run(phases: tuple[Rates, ...], reports: int, pick: Callable[[Rates], int] | None, draw: random.Random) -> Outcome:
    """Send *reports* requests of one type; without *pick* the router decides."""
    place, usd, failed, beyond = RULES.start(), 0.0, 0, 0
    for number in range(reports):
        rates = phases[number * len(phases) // reports]
        tier = place.tier if pick is None else pick(rates)
        has_failed = draw.random() < rates[tier]
        usd += USD[TIERS[tier]]
        failed += has_failed
        beyond += rates[tier] > LIMIT and tier != oracle(rates)
        if pick is None:
            place = RULES.after(place, has_failed)
    return Outcome(usd / reports, failed / reports, beyond / reports)


def false_moves(rate: float, reports: int, draw: random.Random) -> tuple[float, float]:
    """Return how often, of 1,000 reports, a type is moved up and down that stays put back on a tier of that rate."""
    place, up, down = RULES.start(), 0, 0
    for _ in range(reports):
        moved = RULES.after(place, draw.random() < rate)
        up, down = up + (moved.tier > place.tier), down + (moved.tier < place.tier)
        place = moved if moved.tier == place.tier else RULES.start()
    return 1000 * up / reports, 1000 * down / reports


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    ways: dict[str, Callable[[Rates], int] | None] = {
        "all cheap": lambda _: 0,
        "all mid": lambda _: 1,
        "all frontier": lambda _: 2,
        "oracle": oracle,
        "adaptive": None,
    }
    print(
        f"{arguments.reports:,} requests of each of {len(DRIFT)} types, {arguments.runs} runs; {LIMIT:.0%} may fail\n"
    )
    print("| who answers | USD a 1,000 | failed | on a tier that fails too often |")
    print("| --- | --- | --- | --- |")
    for name, pick in ways.items():
        draw = random.Random(arguments.seed)
        found = [run(phases, arguments.reports, pick, draw) for _ in range(arguments.runs) for phases in DRIFT.values()]
        usd, failed, beyond = (fmean(getattr(one, key) for one in found) for key in ("usd", "failed", "beyond"))
        print(f"| {name} | {1000 * usd:.2f} | {failed:.1%} | {beyond:.1%} |", flush=True)
    print("\n| mid fails at | moved up, of 1,000 reports | moved down |\n| --- | --- | --- |")
    for rate in (LIMIT, LIMIT * 0.75, LIMIT / 2):
        up, down = false_moves(rate, 10 * arguments.reports, random.Random(arguments.seed))
        print(f"| {rate:.1%} | {up:.2f} | {down:.2f} |", flush=True)


if __name__ == "__main__":
    main()
