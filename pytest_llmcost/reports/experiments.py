"""An experiment in a few lines, and as a document."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.gate.experiment import Reading

_WORDS = {Outcome.PASS: "Acceptable", Outcome.FAIL: "Not acceptable", Outcome.INCONCLUSIVE: "Cannot tell"}


def reading_lines(reading: Reading) -> Iterator[str]:
    """Yield what an experiment says, the answer first."""
    yield f"{_WORDS[reading.outcome]}: {reading.reason}."
    for name, users, rate in zip(("treatment", "control"), reading.users, reading.rates, strict=True):
        yield f"  {name + ':':10} {rate:.2%} errors of {users:,} users"
    low, high = reading.interval.lower, reading.interval.upper
    p = "" if reading.p is None else f", p = {reading.p:.2g}"
    yield f"  difference: {_points(reading.change)} pt, 90 % interval [{_points(low)}, {_points(high)}]{p}"
    yield (
        f"  for who looks more than once: [{_points(reading.always.lower)}, {_points(reading.always.upper)}] "
        "holds at every look"
    )
    yield f"  chance of such a split of users: p = {reading.split_p:.2g}"
    if reading.cost is not None:
        cost = reading.cost
        yield (
            f"  cost: {cost.value:+.6f} USD a user, 90 % interval "
            f"[{cost.interval.lower:+.6f}, {cost.interval.upper:+.6f}]"
        )


def reading_document(reading: Reading) -> dict[str, Any]:
    """Return the same for programs; rates are shares of 1."""
    return {**dataclasses.asdict(reading), "outcome": str(reading.outcome)}


def _points(share: float) -> str:
    return f"{100 * share:+.2f}"
