"""What was learned, for a terminal: the curve, the choice, and what it was chosen instead of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from pytest_llmcost.domain.policy import Learned, Way
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.table import usd
from pytest_llmcost.strategies.learn.candidates import single
from pytest_llmcost.strategies.learn.reliability import Reliability
from pytest_llmcost.strategies.learn.routes import LearnedRoutes
from pytest_llmcost.strategies.learn.thresholds import Calibrated, Point
from pytest_llmcost.strategies.learn.traffic import Measured

_SHOWN = 10
"""Thresholds in the table, beside those that matter."""
NAME_WIDTH = 40


def way_text(way: Way) -> str:
    """Return a way in a few words: `cheap from 0.84, else mid`."""
    *steps, last = way
    tries = [f"{visible(step.use, NAME_WIDTH)} from {step.accept:g}" for step in steps]
    return ", else ".join([*tries, visible(last.use, NAME_WIDTH)])


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
    yield _month_line(learned)
    if held:
        yield from _measured_lines(held, f"on {held_cases} cases that were set aside:")


def routes_lines(
    found: LearnedRoutes, learned: Learned, held: Mapping[str, Measured], held_cases: int
) -> Iterator[str]:
    """Yield learned routes: the way of each task type, the guarantee, and what it costs."""
    yield f"{len(found.ordered)} cases say what is tried, {len(found.tested)} others how far to go"
    yield from _route_lines(found)
    yield _month_line(learned)
    tested = {**found.alone, "policy": found.measured}
    yield from _measured_lines(tested, f"on the {len(found.tested)} cases that it was tested on:")
    if held:
        yield from _measured_lines(held, f"on {held_cases} cases that were set aside:")


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
        usd(rounded(point.usd)),
        f"{point.seconds:.2f}",
        f"{100 * point.loss:+z.1f} pt",
        "" if point.threshold is None else f"{point.p:.4f}",
        ", ".join(mark for mark, holds in marks.items() if holds),
    )


def rounded(amount: Decimal) -> Decimal:
    """Return an amount to three significant digits: a mean has no more."""
    return Decimal(f"{amount:.3g}")


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
            f"  {chosen.escalated:.1%} escalated, {_saving(chosen.usd, found.safe.usd)}: "
            f"${usd(rounded(chosen.usd))} a request, {dear} alone ${usd(rounded(found.safe.usd))}"
        )
        yield f"  without the first try of what is escalated it would seem ${usd(rounded(found.naive_cost(chosen)))}"
    if naive.threshold is not None and naive.usd < chosen.usd:
        needed = found.needed_for(naive)
        cases = f"about {needed} cases would show that it does" if needed else "more cases would not show that it does"
        yield (
            f"the threshold that looks best on these cases, {naive.threshold:g}, would promise {100 * naive.loss:.1f} "
            f"points and that it {_saving(naive.usd, found.safe.usd)}:"
        )
        yield f"  nothing shows that it keeps the bound; if it goes on so, {cases}"


def _why_alone(found: Calibrated) -> str:
    if found.is_too_few:
        units = "cases" if found.units == found.cases else "groups of cases"
        return (
            f"{found.units} {units} can show no bound of {100 * found.loss:g} points at {100 * found.confidence:g} %, "
            f"not even without any loss. {found.needed - found.units} more are needed, {found.needed} in all."
        )
    if found.kept == 1:
        return "no threshold is shown to keep the bound."
    return "no threshold that is shown to keep the bound costs less: what is escalated is paid twice."


def _saving(amount: Decimal, instead_of: Decimal) -> str:
    if not instead_of:
        return "saves nothing"
    share = float(1 - amount / instead_of)
    return f"saves {share:.1%}" if share >= 0 else f"costs {-share:.1%} more"


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
        yield (
            f"{found.units} cases to test on can show no bound of {100 * goal.loss:g} points at "
            f"{100 * goal.confidence:g} %, not even without any loss: all go to {safe}. {found.needed} are needed, so "
            f"about {2 * found.needed} in all, as half of them say what is tried."
        )
        return
    alone = found.alone[found.safe]
    bound = f"{100 * goal.loss:g} points lost against {safe}, {100 * goal.confidence:g} % sure"
    if all(way == single(found.safe) for way in found.ways.values()):
        yield f"all go to {safe}: nothing cheaper is shown to keep the bound, at most {bound}"
    else:
        seen = f"{100 * found.measured.loss:+z.1f} observed, p = {found.measured.p:.4f}"
        saving = _saving(found.measured.usd, alone.usd)
        yield f"over the whole traffic at most {bound} ({seen}); {saving}"
    if found.is_too_slow and goal.p95_seconds is not None:
        slow = f"this one, {safe} alone, has {alone.p95_seconds:.2f} s"
        yield f"no policy that keeps the bound has a p95 within {goal.p95_seconds:g} s: {slow}"


def _measured_lines(measured: Mapping[str, Measured], about: str) -> Iterator[str]:
    """Yield ways beside each other, one a line, under a heading."""
    from tabulate import tabulate

    header = ("", "quality", "lost", "USD a request", "tokens", "p50 s", "p95 s")
    rows = [header, *((visible(name, NAME_WIDTH), *_cells(one)) for name, one in measured.items())]
    yield about
    yield tabulate(rows, tablefmt="plain", disable_numparse=True, colalign=("left", *["right"] * 6))


def _cells(one: Measured) -> Sequence[str]:
    return (
        f"{one.quality:.1%}",
        f"{100 * one.loss:+z.1f} pt",
        usd(rounded(one.usd)),
        f"{one.tokens:,.0f}",
        f"{one.p50_seconds:.2f}",
        f"{one.p95_seconds:.2f}",
    )


def _month_line(learned: Learned) -> str:
    """Return what a month costs, by the policy and by each strategy alone."""
    alone = ", ".join(
        f"all by {visible(name, NAME_WIDTH)} ${amount:,.2f}" for name, amount in sorted(learned.alone_usd.items())
    )
    return f"a month of {learned.requests:,} requests: ${learned.usd:,.2f}; {alone}"
