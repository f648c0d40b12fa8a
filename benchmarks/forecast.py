"""How far off the forecast is, and how often its intervals hold: on histories made of trend, season, steps, outliers.

python benchmarks/forecast.py [--histories 100]
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import time
from collections.abc import Callable, Sequence

from pytest_llmcost.statistics.forecast import forecast

OFFICE = (1.15, 1.2, 1.2, 1.15, 1.0, 0.65, 0.65)
CLOSED = (1.4, 1.4, 1.4, 1.4, 1.4, 0.0, 0.0)
AHEAD = (7, 15, 30)
Shape = Callable[[random.Random, int, int], list[float]]


def history(
    draw: random.Random,
    known: int,
    days: int,
    *,
    week: Sequence[float] = OFFICE,
    growth: float = 0.0,
    noise: float = 0.15,
    correlation: float = 0.0,
    drift: float = 0.0,
    step_ago: int | None = None,
    step: float = 2.0,
    outliers: float = 0.0,
    linear: float = 0.0,
) -> list[float]:
    """Return *days* amounts, of which *known* will be known: level x weekday x trend x noise."""
    found, level, error = [], 0.0, 0.0
    for day in range(days):
        level += draw.gauss(0, drift)
        error = correlation * error + draw.gauss(0, noise * math.sqrt(1 - correlation**2))
        amount = 100 * week[day % 7] * math.exp(level + growth * day + error) * (1 + linear * day)
        if step_ago is not None and day >= known - step_ago:
            amount *= step
        if draw.random() < outliers:
            amount *= draw.uniform(3, 6)
        found.append(amount)
    return found


SHAPES: dict[str, dict[str, object]] = {
    "flat, noise 15 %": {},
    "flat, noise 40 %": {"noise": 0.4},
    "growing 1 % a day": {"growth": 0.01},
    "growing in a line, doubled in 60 days": {"linear": 1 / 60},
    "falling 0.7 % a day": {"growth": -0.007},
    "nothing at weekends": {"week": CLOSED},
    "outliers, x3 to x6, on 3 % of the days": {"outliers": 0.03},
    "errors of a day follow on (0.7)": {"correlation": 0.7, "noise": 0.2},
    "level wanders 3 % a day": {"drift": 0.03},
    "doubled 5 days ago": {"step_ago": 5},
    "doubled 10 days ago": {"step_ago": 10},
    "doubled 25 days ago": {"step_ago": 25},
    "halved 10 days ago, growing 0.5 %": {"step_ago": 10, "step": 0.5, "growth": 0.005},
    "growing 0.5 %, outliers, no weekends": {"week": CLOSED, "growth": 0.005, "outliers": 0.03},
}


def main() -> None:
    """Print, by shape, error against the naive forecast (the last 28 days' mean) and coverage of both intervals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=100)
    parser.add_argument("--known", type=int, default=90)
    arguments = parser.parse_args()
    start = time.perf_counter()
    print(
        f"{arguments.histories} histories of {arguments.known} days a shape; the next {AHEAD} days, and the 30 after 15"
    )
    print(f"{'shape':40} {'error':>6} {'naive':>6}   80 % holds             95 % holds             half-width")
    everything: list[list[bool]] = [[], []]
    for name, shape in SHAPES.items():
        errors, naive, widths, held = [], [], [], [[list[bool]() for _ in range(4)] for _ in range(2)]
        for seed in range(arguments.histories):
            draw = random.Random(f"{name} {seed}")
            known = arguments.known + seed % 7
            days = history(draw, known, known + 45, **shape)  # type: ignore[arg-type]
            found = forecast(days[:known])
            assert found is not None
            for place, (skipped, ahead) in enumerate([*((0, n) for n in AHEAD), (15, 30)]):
                came, told = sum(days[known + skipped : known + skipped + ahead]), found.sum_of(skipped, ahead)
                held[0][place].append(told.low80 <= came <= told.high80)
                held[1][place].append(told.low95 <= came <= told.high95)
                if (skipped, ahead) == (0, 30):
                    errors.append(abs(told.expected / came - 1))
                    naive.append(abs(sum(days[known - 28 : known]) / 28 * 30 / came - 1))
                    widths.append(told.high80 / told.expected - 1)
        rates = ["/".join(f"{100 * statistics.mean(own):4.0f}" for own in level) for level in held]
        for level in range(2):
            everything[level] += [one for own in held[level] for one in own]
        print(
            f"{name:40} {100 * statistics.mean(errors):5.1f}% {100 * statistics.mean(naive):5.1f}%   "
            f"{rates[0]:22} {rates[1]:22} {100 * statistics.median(widths):5.1f}%"
        )
    means = [100 * statistics.mean(level) for level in everything]
    print(f"in all: 80 % holds {means[0]:.1f} %, 95 % holds {means[1]:.1f} %; {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
