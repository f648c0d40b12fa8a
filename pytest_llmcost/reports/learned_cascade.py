"""A calibrated cascade, for a terminal: the curve, the choice, and what it was chosen instead of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_llmcost.domain.policy import Learned
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.ways import NAME_WIDTH, mean_usd, measured_lines, month_line, saving, too_few, way_text
from pytest_llmcost.strategies.learn.reliability import Reliability
from pytest_llmcost.strategies.learn.thresholds import Calibrated, Point
from pytest_llmcost.strategies.learn.traffic import Measured

_SHOWN = 10
"""Thresholds in the table, beside those that matter."""


def cascade_lines(
    found: Calibrated, reliability: Reliability, learned: Learned, held: Mapping[str, Measured], held_cases: int
) -> Iterator[str]:
    """Yield a calibrated cascade: what its confidence is worth, the curve, the choice, and what it costs."""
    cheap, dear = (visible(name, NAME_WIDTH) for name in (found.cheap, found.dear))
    yield f"{found.cases} cases that {cheap} and {dear} both answered"
    yield from _reliability_lines(reliability, cheap)
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

    header = ("accept", "escalated", "quality", "USD a request", "seconds", "lost", "p", "")
    rows = [header, *(_row(found, place, point) for place, point in enumerate(found.points) if _is_shown(found, point))]
    return str(tabulate(rows, tablefmt="plain", disable_numparse=True, colalign=(*["right"] * 7, "left")))


def _is_shown(found: Calibrated, point: Point) -> bool:
    matters = point in (found.safe, found.chosen, found.naive, found.points[found.kept - 1])
    return matters or point.threshold is None or round(point.threshold * 50) % (50 // _SHOWN) == 0


def _row(found: Calibrated, place: int, point: Point) -> tuple[str, ...]:
    marks = {
        "chosen": point is found.chosen,
        "looks best": point is found.naive and place >= found.kept,
        "not shown": place >= found.kept,
    }
    return (
        "alone" if point.threshold is None else f"{point.threshold:.2f}",
        f"{point.escalated:.0%}",
        f"{point.quality:.1%}",
        mean_usd(point.usd),
        f"{point.seconds:.2f}",
        f"{100 * point.loss:+z.1f} pt",
        "" if point.threshold is None else f"{point.p:.4f}",
        ", ".join(mark for mark, holds in marks.items() if holds),
    )


def _threshold_lines(found: Calibrated) -> Iterator[str]:
    """Yield what was chosen, with its guarantee, and what the naive choice would have promised."""
    dear, chosen, naive = visible(found.dear, NAME_WIDTH), found.chosen, found.naive
    bound = f"{100 * found.loss:g} points, {100 * found.confidence:g} % sure"
    if chosen.threshold is None:
        yield f"all by {dear}: {_why_alone(found)}"
    else:
        what = "net loss" if found.is_net else "answers that it would have given right and are now wrong"
        yield f"{way_text(chosen.way)}: loses at most {bound} against {dear} ({100 * chosen.loss:.1f} observed; {what})"
        yield (
            f"  {chosen.escalated:.1%} escalated, {saving(chosen.usd, found.safe.usd)}: "
            f"${mean_usd(chosen.usd)} a request, {dear} alone ${mean_usd(found.safe.usd)}"
        )
        yield f"  without the first try of what is escalated it would seem ${mean_usd(found.naive_cost(chosen))}"
    if naive.threshold is not None and naive.usd < chosen.usd:
        needed = found.needed_for(naive)
        cases = f"about {needed} cases would show that it does" if needed else "more cases would not show that it does"
        yield (
            f"the threshold that looks best on these cases, {naive.threshold:g}, would promise {100 * naive.loss:.1f} "
            f"points and that it {saving(naive.usd, found.safe.usd)}:"
        )
        yield f"  nothing shows that it keeps the bound; if it goes on so, {cases}"


def _why_alone(found: Calibrated) -> str:
    if found.is_too_few:
        reason = too_few(found.units, found.cases, found.loss, found.confidence)
        return f"{reason}. {found.needed - found.units} more are needed, {found.needed} in all."
    if found.kept == 1:
        return "no threshold is shown to keep the bound."
    return "no threshold that is shown to keep the bound costs less: what is escalated is paid twice."
