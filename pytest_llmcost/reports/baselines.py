"""Baselines as people look at them: what is stored, what was accepted, and how a suite went from commit to commit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pytest_llmcost.gate.baseline_header import Accepted
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.table import usd

HEADERS = ("suite", "strategy", "cases", "quality", "90 %", "USD a case", "p50 s", "date")
TREND = ("date", "commit", "cases", "quality", "90 %", "USD a case", "")
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class StoredStrategy:
    """What a baseline holds of a strategy.

    Attributes:
        quality: Mean score, with its 90 % interval.
        usd_per_case: At today's prices, as if nothing were cached; None where a price is not known.
    """

    name: str
    model: str
    cases: int
    quality: float
    lower: float
    upper: float
    usd_per_case: Decimal | None
    p50_seconds: float


@dataclass(frozen=True, slots=True)
class Version:
    """What a baseline held after a commit; `fault` says why nothing can be told of it, or nothing."""

    commit: str
    date: str
    subject: str
    strategies: tuple[StoredStrategy, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class StoredSuite:
    """A suite's baseline.

    Attributes:
        suite: The suite's path; `name` is shown, `file` is the baseline's path.
        date: Of the last commit that changed it, ISO 8601; empty where it is in none.
        is_committed: Whether it is as that commit has it.
        versions: The newest first.
        notes: What must be said of the file.
    """

    suite: str
    name: str
    file: str
    date: str
    is_committed: bool
    strategies: tuple[StoredStrategy, ...]
    accepted: tuple[Accepted, ...]
    versions: tuple[Version, ...]
    notes: tuple[str, ...]


def baseline_lines(suites: Sequence[StoredSuite]) -> Iterator[str]:
    """Yield the table of all baselines, and below it what was accepted and how each went."""
    from tabulate import tabulate

    rows = [_row(suite, strategy) for suite in suites for strategy in suite.strategies]
    align = ("left", "left", *["right"] * 5, "left")
    yield str(tabulate(rows, headers=HEADERS, disable_numparse=True, colalign=align if rows else None))
    for suite in suites:
        yield from (f"note: {visible(note, 400)}" for note in suite.notes)
        for loss in suite.accepted:
            change = "" if loss.change is None else f" of {_change(loss)}"
            place = f"{visible(suite.suite, 200)}::{visible(loss.strategy)}"
            yield f"accepted in {place}: {visible(loss.metric)}{change}: {visible(loss.reason, 400)}"
        yield from _trend(suite)


def _change(loss: Accepted) -> str:
    change = loss.change or 0.0
    return f"{100 * change:+.1f} pt" if loss.metric == "quality" else f"{change:+.1%}"


def _row(suite: StoredSuite, strategy: StoredStrategy) -> tuple[str, ...]:
    date = suite.date[:10] if suite.is_committed else "not committed"
    return (
        visible(suite.name, 30),
        visible(strategy.name, 20),
        *_figures(strategy),
        f"{strategy.p50_seconds:.2f}",
        date,
    )


def _figures(one: StoredStrategy) -> tuple[str, ...]:
    cost = "-" if one.usd_per_case is None else usd(one.usd_per_case)
    return str(one.cases), f"{one.quality:.1%}", f"[{100 * one.lower:.0f}, {100 * one.upper:.0f}]", cost


def _trend(suite: StoredSuite) -> Iterator[str]:
    """Yield a table a strategy, the oldest commit first, as a reader reads."""
    from tabulate import tabulate

    versions = suite.versions[::-1]
    names = dict.fromkeys(one.name for version in versions for one in version.strategies)
    for name in names:
        rows, course = [], []
        for version in versions:
            found = next((one for one in version.strategies if one.name == name), None)
            about = (version.date[:10], version.commit[:10])
            if found is not None:
                course.append(found.quality)
                rows.append((*about, *_figures(found), visible(version.subject, 40)))
            elif version.fault:
                rows.append((*about, "-", "-", "-", "-", version.fault))
        yield f"\n{visible(suite.suite, 200)}::{visible(name)}  {sparkline(course)}"
        align = ("left", "left", *["right"] * 4, "left")
        yield str(tabulate(rows, headers=TREND, tablefmt="plain", disable_numparse=True, colalign=align))


def sparkline(values: Sequence[float]) -> str:
    """Return shares of 1 as bars, the lowest of them the smallest bar and the highest the largest."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    steps = len(_BARS) - 1
    return "".join(_BARS[round(steps * (value - low) / (high - low)) if high > low else steps] for value in values)


def document(suites: Sequence[StoredSuite]) -> list[dict[str, Any]]:
    """Return the same in JSON's types; money in US dollars."""
    found: list[dict[str, Any]] = [dataclasses.asdict(suite) for suite in suites]
    for suite in found:
        for one in [*suite["strategies"], *(one for version in suite["versions"] for one in version["strategies"])]:
            one["usd_per_case"] = None if one["usd_per_case"] is None else float(one["usd_per_case"])
    return found
