"""A calibrated cascade, for a terminal: the curve, the choice, and what it was chosen instead of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_llmcost.domain.policy import Learned
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.ways import (
    NAME_WIDTH,
    asked_text,
    mean_usd,
    measured_lines,
    month_line,
    saving,
    too_few,
    way_text,
)
from pytest_llmcost.strategies.learn.calibrated import Calibrated, Point
from pytest_llmcost.strategies.learn.reliability import Reliability
from pytest_llmcost.strategies.learn.traffic import Measured

_SHOWN = 10
"""Thresholds in the table, beside those that matter."""


def cascade_lines(
    found: Calibrated,
    reliability: Mapping[str, Reliability],
    learned: Learned,
    held: Mapping[str, Measured],
    held_cases: int,
) -> Iterator[str]:
    """Yield a calibrated cascade: what its confidences are worth, the curve, the choice, and what it costs."""
    *tries, last = (visible(name, NAME_WIDTH) for name in found.steps)
    if found.ordered:
        yield f"{found.ordered} cases that {', '.join(tries)} and {last} answered say what is tried,"
        yield f"{found.cases} others how far to go: {len(found.points) - 1} ways, the dearest first"
    else:
        yield f"{found.cases} cases that {tries[0]} and {last} both answered"
    for name, one in reliability.items():
        yield from _reliability_lines(one, visible(name, NAME_WIDTH))
    yield ""
    yield _curve(found)
    yield ""
    yield from _threshold_lines(found)
    yield month_line(learned)
    if held:
        yield from measured_lines(held, f"on {held_cases} cases that were set aside:")


def _reliability_lines(found: Reliability, name: str) -> Iterator[str]:
    answers = f"{found.right} right, {found.wrong} wrong answers"
    if found.area is None or found.interval is None:
        yield f"confidence of {name}: {answers}: nothing to tell apart"
    else:
        area = f"AUC {found.area:.3f} [{found.interval.lower:.3f}, {found.interval.upper:.3f}]"
        yield f"confidence of {name}: {area}, {answers}"
    if found.fault:
        yield f"  USELESS: {found.fault}."
    for one in found.bins:
        right = f"{one.right:.0%} right [{100 * one.interval.lower:.0f}, {100 * one.interval.upper:.0f}]"
        yield f"  {one.lowest:.2f} to {one.highest:.2f}: {one.count} answers claim {one.claimed:.0%}, {right}"


def _curve(found: Calibrated) -> str:
    """Return the curve of cost against quality, as a table."""
    from tabulate import tabulate

    first = "way" if len(found.steps) > 2 else "accept"
    header = (first, "escalated", "quality", "USD a request", "seconds", "lost", "p", "")
    every = max(1, len(found.points) // _SHOWN)
    matter = (found.safe, found.chosen, found.naive, found.points[found.kept - 1])
    rows: list[tuple[str, ...]] = [header]
    for place, point in enumerate(found.points):
        if point in matter or (place - 1) % every == 0:
            rows.append(_row(found, place, point))
    align = ("left" if len(found.steps) > 2 else "right", *["right"] * 6, "left")
    return str(tabulate(rows, tablefmt="plain", disable_numparse=True, colalign=align))


def _row(found: Calibrated, place: int, point: Point) -> tuple[str, ...]:
    marks = {
        "chosen": point is found.chosen,
        "looks best": point is found.naive and place >= found.kept,
        "not shown": place >= found.kept,
    }
    return (
        _way_or_threshold(found, point),
        f"{point.escalated:.0%}",
        f"{point.quality:.1%}",
        mean_usd(point.usd),
        f"{point.seconds:.2f}",
        f"{100 * point.loss:+z.1f} pt",
        f"{point.p:.4f}" if place else "",
        ", ".join(mark for mark, holds in marks.items() if holds),
    )


def _way_or_threshold(found: Calibrated, point: Point) -> str:
    if point.threshold is None:
        return "alone" if len(found.steps) == 2 else f"{visible(found.steps[-1], NAME_WIDTH)} alone"
    return f"{point.threshold:.2f}" if len(found.steps) == 2 else way_text(point.way)


def _threshold_lines(found: Calibrated) -> Iterator[str]:
    """Yield what was chosen, with its guarantee, and what the naive choice would have promised."""
    last, chosen, bound = visible(found.steps[-1], NAME_WIDTH), found.chosen, found.bound
    points = f"{100 * bound.loss:g} points, {100 * bound.confidence:g} % sure"
    if len(chosen.way) == 1:
        yield f"all by {last}: {_why_alone(found)}"
    else:
        what = "net loss" if bound.is_net else "answers that it would have given right and are now wrong"
        observed = f"{100 * chosen.loss:.1f} observed; {what}"
        yield f"{way_text(chosen.way)}: loses at most {points} against {last} ({observed})"
        yield (
            f"  {asked_text(found)}, {saving(chosen.usd, found.safe.usd)}: "
            f"${mean_usd(chosen.usd)} a request, {last} alone ${mean_usd(found.safe.usd)}"
        )
        yield f"  without the tries before the one that answers it would seem ${mean_usd(chosen.naive_usd)}"
    yield from _naive_lines(found)


def _naive_lines(found: Calibrated) -> Iterator[str]:
    """Yield what looks best, where that is something else, and what it would take to show that it is good enough."""
    naive = found.naive
    if len(naive.way) == 1 or not naive.usd < found.chosen.usd:
        return
    needed = found.needed_for(naive)
    more = f"about {found.in_all(needed)} cases would" if needed else "more cases would not"
    name = f"{naive.threshold:g}" if len(found.steps) == 2 else way_text(naive.way)
    yield (
        f"what looks best on these cases, {name}, would promise {100 * naive.loss:.1f} points and that it "
        f"{saving(naive.usd, found.safe.usd)}:"
    )
    yield f"  nothing shows that it keeps the bound; if it goes on so, {more} show that it does"


def _why_alone(found: Calibrated) -> str:
    if found.is_too_few:
        reason = too_few(found.units, found.cases, found.bound.loss, found.bound.confidence)
        more, needed = found.in_all(found.needed - found.units), found.in_all(found.needed)
        about = " in all, as half of them say what is tried" if found.ordered else " in all"
        return f"{reason}. {more} more are needed, {needed}{about}."
    if len(found.points) == 1:
        return "no way through the others costs less: what is escalated is paid twice."
    if found.kept == 1:
        return "no threshold is shown to keep the bound."
    return "no threshold that is shown to keep the bound costs less: what is escalated is paid twice."
