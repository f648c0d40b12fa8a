"""How often `llmcost ledger alerts` cries wolf where nothing changed, and how often it sees what did.

python benchmarks/alerts.py [--days 100]
"""

from __future__ import annotations

import argparse
import random
import time
from datetime import date, timedelta

from pytest_llmcost.costs.alerts import Watch, alerts
from pytest_llmcost.costs.outlook import outlook
from pytest_llmcost.domain.spending import Plan, Spend

TODAY = date(2026, 6, 17)
MODELS, TASKS = ("small", "large"), ("mail", "chat", "search", "code")
KNOWN = 90


def spends(draw: random.Random, noise: float, factor: float, since: int) -> list[Spend]:
    """Return what two models cost for four tasks; the model `large` costs *factor* times as much *since* some days."""
    found = []
    for back in range(KNOWN, 0, -1):
        day = TODAY - timedelta(days=back)
        common = draw.lognormvariate(0, noise / 2) * (0.6 if day.weekday() > 4 else 1)
        for model in MODELS:
            for share, task in enumerate(TASKS, start=1):
                calls = max(1, round(100 * share * common * draw.lognormvariate(0, noise)))
                dearer = factor if model == "large" and back <= since else 1.0
                found.append(Spend(day=day, task=task, model=model, calls=calls, usd=0.01 * calls * dearer))
    return found


def main() -> None:
    """Print, by noise and change, on how many days something is told, and of what."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=100)
    count, start = parser.parse_args().days, time.perf_counter()
    for noise in (0.15, 0.4):
        for factor, since in ((1.0, 0), (2.0, 1), (2.0, 7)):
            told = {"anything": 0, "all": 0, "the model": 0}
            for seed in range(count):
                some = spends(random.Random(f"{noise} {factor} {since} {seed}"), noise, factor, since)
                found = alerts(some, outlook(some, TODAY), Watch(Plan(), 0.20, lambda _: None))
                told["anything"] += bool(found)
                told["all"] += any(not one.model and not one.task for one in found)
                told["the model"] += any(one.model == "large" for one in found)
            rates = ", ".join(f"{name} {100 * hits / count:.0f} %" for name, hits in told.items())
            what = f"'large' costs {factor:g} times as much for {since} days" if since else "nothing changed"
            print(f"noise {noise:.0%}, {what}: told of {rates}")
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
