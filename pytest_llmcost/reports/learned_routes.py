"""Learned routes, for a terminal: where each task type goes, what is promised, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_llmcost.domain.policy import Learned
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.ways import NAME_WIDTH, measured_lines, month_line, saving, too_few, way_text
from pytest_llmcost.strategies.learn.candidates import single
from pytest_llmcost.strategies.learn.routes import LearnedRoutes
from pytest_llmcost.strategies.learn.traffic import Measured


def routes_lines(
    found: LearnedRoutes, learned: Learned, held: Mapping[str, Measured], held_cases: int
) -> Iterator[str]:
    """Yield learned routes: the way of each task type, the guarantee, and what it costs."""
    yield f"{len(found.ordered)} cases say what is tried, {len(found.tested)} others how far to go"
    yield from _route_lines(found)
    yield month_line(learned)
    tested = {**found.alone, "policy": found.measured}
    yield from measured_lines(tested, f"on the {len(found.tested)} cases that it was tested on:")
    if held:
        yield from measured_lines(held, f"on {held_cases} cases that were set aside:")


def _route_lines(found: LearnedRoutes) -> Iterator[str]:
    """Yield each task type's way, and the guarantee of them all."""
    from tabulate import tabulate

    rows = [("task type", "traffic", "way")]
    rows += [
        (visible(kind, 60), f"{found.shares.get(kind, 0.0):.1%}", way_text(way)) for kind, way in found.ways.items()
    ]
    yield tabulate(rows, tablefmt="plain", disable_numparse=True, colalign=("left", "right", "left"))
    yield ""
    safe, goal = visible(found.safe, NAME_WIDTH), found.goal
    if found.is_too_few:
        reason = too_few(found.units, len(found.tested), goal.loss, goal.confidence)
        needed = f"{found.needed} are needed, so about {2 * found.needed} in all, as half of them say what is tried"
        yield f"{reason}: all go to {safe}. {needed}."
        return
    alone = found.alone[found.safe]
    bound = f"{100 * goal.loss:g} points lost against {safe}, {100 * goal.confidence:g} % sure"
    if all(way == single(found.safe) for way in found.ways.values()):
        yield f"all go to {safe}: nothing cheaper is shown to keep the bound, at most {bound}"
    else:
        seen = f"{100 * found.measured.loss:+z.1f} observed, p = {found.measured.p:.4f}"
        yield f"over the whole traffic at most {bound} ({seen}); {saving(found.measured.usd, alone.usd)}"
    if found.is_too_slow and goal.p95_seconds is not None:
        slow = f"this one, {safe} alone, has {alone.p95_seconds:.2f} s"
        yield f"no policy that keeps the bound has a p95 within {goal.p95_seconds:g} s: {slow}"
