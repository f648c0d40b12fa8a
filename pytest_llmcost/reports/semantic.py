"""A calibrated semantic cache: thresholds with hits, wrong hits and savings, the choice, and what each guard does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.ways import NAME_WIDTH
from pytest_llmcost.strategies.semantic.calibrate import CalibratedCache, GuardEffect, Point

_STEP = 5
"""Of the thresholds, in hundredths, every so many-th is shown, and the chosen one."""


def cache_lines(found: CalibratedCache, effects: Sequence[GuardEffect]) -> Iterator[str]:
    """Yield the table, the choice with its guarantee or what is missing for one, and the guards."""
    name = visible(found.strategy, NAME_WIDTH)
    yield f"{found.requests} requests in the suite's order, each answered by {name} or by an earlier answer of it"
    yield ""
    yield _table(found)
    yield ""
    yield from _choice(found)
    yield ""
    yield f"guards at {found.looked_at:g}: hits that each one stops, and how many of them are wrong"
    yield _guards(effects)


def _table(found: CalibratedCache) -> str:
    from tabulate import tabulate

    header = ("threshold", "hits", "of requests", "wrong hits", "90 %", "saved", "p", "")
    rows = [header, *(_row(found, place, point) for place, point in enumerate(found.points) if _is_shown(found, point))]
    return str(tabulate(rows, tablefmt="plain", disable_numparse=True, colalign=(*["right"] * 7, "left")))


def _is_shown(found: CalibratedCache, point: Point) -> bool:
    return point is found.chosen or round(point.threshold * 100) % _STEP == 0


def _row(found: CalibratedCache, place: int, point: Point) -> tuple[str, ...]:
    is_tested = found.first is not None and place >= found.first
    is_shown = found.first is not None and found.first <= place < found.first + found.kept
    interval = point.interval
    mark = "chosen" if point is found.chosen else "" if is_shown else "not shown" if is_tested else "too few"
    return (
        f"{point.threshold:.2f}",
        str(point.hits),
        f"{point.hit_rate:.1%}",
        f"{point.wrong} of {point.compared}",
        "" if interval is None else f"[{100 * interval.lower:.1f}, {100 * interval.upper:.1f}]",
        f"{point.saved:.1%}",
        f"{point.p:.4f}",
        mark,
    )


def _choice(found: CalibratedCache) -> Iterator[str]:
    bound = f"{100 * found.loss:g} % of the hits, {100 * found.confidence:g} % sure"
    if found.chosen is not None:
        yield f"semantic_cache: {{threshold: {found.chosen.threshold:g}}}: wrong hits in at most {bound}"
        yield f"  it answers {found.chosen.hit_rate:.1%} of the requests and saves {found.chosen.saved:.1%} of the cost"
    elif found.first is None:
        most = max(point.units for point in found.points)
        yield f"no threshold: {most} questions that hit can show no bound of {bound}, even without a wrong one."
        yield f"  {found.missing} more are needed, {found.needed} in all: add rewordings of your cases."
    else:
        yield f"no threshold: none is shown to give wrong hits in at most {bound}. Leave the semantic cache off."


def _guards(effects: Sequence[GuardEffect]) -> str:
    from tabulate import tabulate

    whole, *without = effects
    rows = [("guard", "hits", "wrong"), ("all on", str(whole.hits), f"{whole.wrong} of {whole.compared}")]
    rows += [
        (f"without {one.guard}", f"{one.hits - whole.hits:+d}", f"{one.wrong - whole.wrong:+d}") for one in without
    ]
    return str(tabulate(rows, tablefmt="plain", disable_numparse=True, colalign=("left", "right", "right")))


def cache_document(found: CalibratedCache, effects: Sequence[GuardEffect], notes: Sequence[str]) -> dict[str, Any]:
    """Return the same in JSON's types, by names that scripts may rely on."""
    return {
        "strategy": found.strategy,
        "loss": found.loss,
        "confidence": found.confidence,
        "requests": found.requests,
        "needed": found.needed,
        "missing": found.missing,
        "chosen": None if found.chosen is None else _point(found.chosen),
        "thresholds": [
            {**_point(point), "shown": found.first is not None and found.first <= place < found.first + found.kept}
            for place, point in enumerate(found.points)
        ],
        "guards_at": found.looked_at,
        "guards": [dataclasses.asdict(one) for one in effects],
        "notes": list(notes),
    }


def _point(point: Point) -> dict[str, Any]:
    return {**dataclasses.asdict(point), "saved_usd": float(point.saved_usd)}
