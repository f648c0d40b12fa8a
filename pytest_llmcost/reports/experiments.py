"""An experiment in a few lines, and as a document."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.gate.experiment import Reading

_WORDS = {Outcome.PASS: "Acceptable", Outcome.FAIL: "Not acceptable", Outcome.INCONCLUSIVE: "Cannot tell"}


@dataclass(frozen=True, slots=True)
class Logged:
    """Calls of a variant, as the ledger has them.

    Attributes:
        without_outcome: Those of which nobody said whether they were good, the failed ones among them.
        failed: Those without an answer; `unpriced_failed`: those of them whose cost is not known.
    """

    calls: int
    without_outcome: int
    failed: int
    unpriced_failed: int


def logged_lines(logged: Mapping[str, Logged], why_no_cost: str) -> Iterator[str]:
    """Yield what is not known of the calls that were read from a ledger."""
    for name, of in logged.items():
        if of.without_outcome:
            yield (
                f"  {of.without_outcome:,} of {of.calls:,} calls of the {name} have no outcome, {of.failed:,} failed: "
                "they are in no error rate"
            )
        if of.unpriced_failed and not why_no_cost:
            yield f"  {of.unpriced_failed:,} failed calls of the {name} without a known cost are in no cost"
    if why_no_cost:
        yield f"  cost is not compared: {why_no_cost}"


def logged_document(logged: Mapping[str, Logged], why_no_cost: str) -> dict[str, Any]:
    """Return the same for programs; nothing of what was read from a CSV."""
    calls = {name: dataclasses.asdict(of) for name, of in logged.items()}
    return {"logged": calls, "why_no_cost": why_no_cost or None} if calls else {}


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
