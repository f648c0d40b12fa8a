"""How far a run is, in one line of plain ASCII: the narrower the terminal, the less it says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pytest_llmcost.calls.money import usd_text
from pytest_llmcost.domain.trial import Call
from pytest_llmcost.reports.table import usd

MEASURED_ENOUGH = 5
"""Answers from which a mean latency tells something of those to come."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands.

    Attributes:
        done, total: What is answered, from a cache or not, of what is known to be asked.
        unit: What these count: `calls`, or `tests` where only finished tests are known.
        in_flight: Calls that are out; 0 where that is not known.
        failed: Attempts that failed so far, by kind.
        spent, budget: US dollars; `spent` is None where it is not known.
        seconds_left: None where too little was measured.
    """

    done: int
    total: int
    unit: str = "calls"
    in_flight: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    spent: Decimal | None = None
    budget: Decimal = Decimal(0)
    seconds_left: float | None = None


def seconds_left(remaining: int, mean_seconds: float, at_once: float, measured: int) -> float | None:
    """Return how long *remaining* calls will take, or None where *measured* are too few to tell.

    None of them is taken to be cached. By Little's law *at_once* calls of *mean_seconds*
    each come back at a rate of `at_once / mean_seconds`.
    """
    if measured < MEASURED_ENOUGH or not at_once > 0:
        return None
    return remaining * mean_seconds / min(at_once, max(remaining, 1))


def progress_line(standing: Standing, width: int | None = None) -> str:
    """Return the richest text of at most *width* columns; None is no limit."""
    texts = list(_texts(standing))
    return next((text for text in texts if width is None or len(text) <= width), texts[-1][:width])


def _texts(standing: Standing) -> Iterator[str]:
    """Yield the line from its richest text to its barest."""
    count = f"{standing.done}/{standing.total}"
    asking = f"asking {count} {standing.unit}"
    flight = f"{standing.in_flight} in flight" if standing.in_flight else ""
    failed = " and ".join(f"{n} x {kind}" for kind, n in sorted(standing.failed.items()))
    money = left = ""
    if standing.spent is not None and standing.budget:
        money = f"${usd(standing.spent)} of {usd_text(standing.budget, 2)}"
    if standing.seconds_left is not None:
        left = f"{duration(standing.seconds_left)} left"
    for parts in (
        (asking, flight, failed, money, left),
        (asking, flight, money, left),
        (asking, money, left),
        (asking, left),
        (count, left),
        (count,),
    ):
        yield ", ".join(filter(None, parts))


def duration(seconds: float) -> str:
    """Return `1:12` or `2:05:10`, rounded up."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def asked_lines(calls: Sequence[Call], failed: Mapping[str, int], verbosity: int) -> Iterator[str]:
    """Yield what a user wants to know of the calls that went out: with `-v` how long they took, with `-vv` what failed.

    Args:
        calls: Of the run; cached ones do not count.
        failed: Attempts that failed, by kind, as far as this process knows.
        verbosity: pytest's.
    """
    made = [call for call in calls if not call.cached]
    if verbosity > 0 and made:
        mean = sum(call.seconds for call in made) / len(made)
        longest = max(call.seconds for call in made)
        again = sum(call.attempts > 1 for call in made)
        repeated = f"; {again} of them after a failed attempt" if again else ""
        yield f"asked: {len(made)} calls, {mean:.2f} s on average, {longest:.2f} s at most{repeated}"
    if verbosity > 1 and failed:
        yield "attempts that failed: " + ", ".join(f"{n} x {kind}" for kind, n in sorted(failed.items()))
