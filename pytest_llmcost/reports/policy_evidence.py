"""Why a policy's rules are what they are, in the words that stand beside them in its file."""

from __future__ import annotations

from pytest_llmcost.reports.ways import asked_text, mean_usd, way_text
from pytest_llmcost.strategies.learn.calibrated import Calibrated
from pytest_llmcost.strategies.learn.candidates import single
from pytest_llmcost.strategies.learn.routes import LearnedRoutes
from pytest_llmcost.strategies.learn.traffic import Measured, Traffic


def about_routes(found: LearnedRoutes, started: str) -> list[str]:
    """Return what stands above all rules: from what they were learned, and what they promise."""
    goal, safe = found.goal, found.safe
    first = f"Learned by `llmcost route learn` from the run of {started}. Edit it as you like; it is read in review."
    if found.is_too_few:
        return [first, f"{found.units} cases to test on are too few for any guarantee: all requests go to {safe}."]
    return [
        first,
        f"{len(found.ordered)} cases said what to try, {len(found.tested)} others how far to go: with a confidence of "
        f"{100 * goal.confidence:g} %, quality over the whole traffic is at most {100 * goal.loss:g} points below "
        f"{safe} alone ({100 * found.measured.loss:+z.1f} points lost on those).",
        f"A request costs ${mean_usd(found.measured.usd)}, by {safe} alone "
        f"${mean_usd(found.alone[safe].usd)}. The comments are of the {len(found.tested)} cases.",
    ]


def evidence_for_routes(found: LearnedRoutes) -> dict[str, str]:
    """Return what speaks for each rule, by task type."""
    return {kind: _evidence(found, kind) for kind in found.ways}


def _evidence(found: LearnedRoutes, kind: str) -> str:
    own = [sample for sample in found.tested if sample.kind == kind]
    traffic = Traffic(own, {kind: 1.0}, found.goal.loss)
    safe = {kind: single(found.safe)}
    before, now = traffic.measure(safe, safe), traffic.measure({kind: found.ways[kind]}, safe)
    share = f"{len(own)} cases, {found.shares.get(kind, 0.0):.1%} of the traffic"
    if found.ways[kind] == single(found.safe):
        return f"{share}: {_told(before)}; nothing cheaper is shown to keep the bound"
    return f"{share}: {_told(now)}; {found.safe} {_told(before)}"


def _told(one: Measured) -> str:
    return f"quality {one.quality:.1%}, ${mean_usd(one.usd)} a request"


def about_cascade(found: Calibrated, started: str) -> list[str]:
    """Return what stands above the cascade: from what it was calibrated, and what it promises."""
    first = f"Calibrated by `llmcost cascade calibrate` from the run of {started}."
    last, chosen, bound = found.steps[-1], found.chosen, found.bound
    if len(chosen.way) == 1:
        why = "too few for any guarantee" if found.is_too_few else "and no cheaper way is shown to keep the bound"
        return [first, f"{found.cases} cases to test on, {why}: all requests go to {last}."]
    what = "the net loss" if bound.is_net else f"the share of answers that {last} gives right and this wrong"
    others = f" ({found.ordered} others said what to try)" if found.ordered else ""
    return [
        first,
        f"{way_text(chosen.way)}: on {found.cases} cases{others} {asked_text(found)}. With a confidence of "
        f"{100 * bound.confidence:g} %, {what} is at most {100 * bound.loss:g} points "
        f"({100 * chosen.loss:.1f} on those).",
        f"A request costs ${mean_usd(chosen.usd)}, by {last} alone ${mean_usd(found.safe.usd)}.",
    ]
