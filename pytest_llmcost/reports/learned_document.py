"""What was learned, as JSON: the same numbers that the terminal shows, by names that scripts may rely on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_llmcost.domain.policy import Learned, Way
from pytest_llmcost.strategies.learn.calibrated import Calibrated, Point
from pytest_llmcost.strategies.learn.reliability import Reliability
from pytest_llmcost.strategies.learn.routes import LearnedRoutes
from pytest_llmcost.strategies.learn.traffic import Measured


def calibration_document(
    found: Calibrated,
    reliability: Mapping[str, Reliability],
    held: Mapping[str, Measured],
    learned: Learned,
    notes: Sequence[str],
) -> dict[str, Any]:
    """Return a calibrated cascade in JSON's types; `held` are measures on cases that were set aside."""
    return {
        "cheap": found.steps[0],
        "expensive": found.steps[-1],
        "steps": list(found.steps),
        "loss": found.bound.loss,
        "confidence": found.bound.confidence,
        "net": found.bound.is_net,
        "ordered_cases": found.ordered,
        "cases": found.cases,
        "units": found.units,
        "needed": found.needed,
        "too_few": found.is_too_few,
        "chosen": {**_point(found.chosen), "asked": list(found.asked)},
        "looks_best": _point(found.naive),
        "curve": [{**_point(point), "shown": place < found.kept} for place, point in enumerate(found.points)],
        "reliability": _reliability(reliability[found.steps[0]]),
        "reliability_of_steps": {name: _reliability(one) for name, one in reliability.items()},
        "held_out": measured_document(held),
        "month": _month(learned),
        "notes": list(notes),
    }


def _reliability(found: Reliability) -> dict[str, Any]:
    return {
        "right": found.right,
        "wrong": found.wrong,
        "auc": found.area,
        "auc_interval": dataclasses.asdict(found.interval) if found.interval else None,
        "useless": found.fault,
        "bins": [dataclasses.asdict(one) for one in found.bins],
    }


def routes_document(
    found: LearnedRoutes, by: str, held: Mapping[str, Measured], learned: Learned, notes: Sequence[str]
) -> dict[str, Any]:
    """Return learned routes in JSON's types; `held` are measures on cases that were set aside."""
    return {
        "by": by,
        "safe": found.safe,
        "loss": found.goal.loss,
        "confidence": found.goal.confidence,
        "p95_seconds": found.goal.p95_seconds,
        "ordered_cases": len(found.ordered),
        "tested_cases": len(found.tested),
        "units": found.units,
        "needed": found.needed,
        "too_few": found.is_too_few,
        "too_slow": found.is_too_slow,
        "ways": {kind: _steps(way) for kind, way in found.ways.items()},
        "shares": dict(found.shares),
        "measured": measured_document({"policy": found.measured})["policy"],
        "alone": measured_document(found.alone),
        "alone_shown": list(found.shown),
        "held_out": measured_document(held),
        "month": _month(learned),
        "notes": list(notes),
    }


def measured_document(measured: Mapping[str, Measured]) -> dict[str, Any]:
    """Return ways beside each other in JSON's types."""
    return {name: {**dataclasses.asdict(one), "usd": float(one.usd)} for name, one in measured.items()}


def _point(point: Point) -> dict[str, Any]:
    fields = {field.name: getattr(point, field.name) for field in dataclasses.fields(point)}
    amounts = {"usd": float(point.usd), "naive_usd": float(point.naive_usd)}
    return {**fields, **amounts, "threshold": point.threshold, "way": _steps(point.way)}


def _steps(way: Way) -> list[dict[str, Any]]:
    return [{"use": step.use, "accept": step.accept} for step in way]


def _month(learned: Learned) -> dict[str, Any]:
    return {"requests": learned.requests, "usd": learned.usd, "alone_usd": dict(learned.alone_usd)}
