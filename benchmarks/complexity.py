"""How often the built-in estimate of complexity is right, on requests that were labelled by hand.

    python benchmarks/complexity.py

Words and weights were tuned on the odd rows; what counts are the even ones, which nobody looked at before.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from pytest_llmcost.strategies.complexity import complexity_of

REQUESTS = Path(__file__).with_name("complexity_requests.csv")
LEVELS = ("simple", "medium", "complex")

Labelled = list[tuple[str, str]]


def labelled(rest: int) -> Labelled:
    """Return level and text of every second request."""
    with REQUESTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(row["level"], row["text"]) for place, row in enumerate(rows) if place % 2 == rest]


def accuracy(requests: Labelled) -> float:
    """Return the share of requests whose level is estimated as it is labelled."""
    return sum(complexity_of(text) == level for level, text in requests) / len(requests)


def confusion(requests: Labelled) -> str:
    """Return a table: labelled level by row, estimated level by column."""
    counts = Counter((level, complexity_of(text)) for level, text in requests)
    lines = [f"{'labelled':<10}" + "".join(f"{level:>9}" for level in LEVELS)]
    lines += [f"{row:<10}" + "".join(f"{counts[row, column]:>9}" for column in LEVELS) for row in LEVELS]
    return "\n".join(lines)


if __name__ == "__main__":
    for name, rest in (("tuned on", 0), ("held out", 1)):
        requests = labelled(rest)
        print(f"{name}: {accuracy(requests):.0%} of {len(requests)} right\n{confusion(requests)}\n")
