"""What was learned, as a policy: its rules, what they were learned from, and what a month of them costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from pytest_llmcost.assembly.learning import Lessons
from pytest_llmcost.domain.policy import Learned, Policy, Way
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.strategies.learn.calibrated import Calibrated
from pytest_llmcost.strategies.learn.candidates import single
from pytest_llmcost.strategies.learn.routes import LearnedRoutes
from pytest_llmcost.strategies.learn.samples import Sample
from pytest_llmcost.strategies.learn.traffic import Measured, Traffic, shares_of


def measured_alone(samples: Sequence[Sample], ways: Mapping[str, Way], safe: str, loss: float) -> dict[str, Measured]:
    """Return what each of *ways* gives where it answers all of *samples*, against the strategy *safe*."""
    traffic = Traffic(samples, shares_of(samples), loss)
    start = traffic.all_by(single(safe))
    return {name: traffic.measure(traffic.all_by(way), start) for name, way in ways.items()}


def policy_of_cascade(
    found: Calibrated, lessons: Lessons, samples: Sequence[Sample], requests: int
) -> tuple[Policy, Learned]:
    """Return the policy that sends every request through the cascade that was found, and its origin.

    Args:
        found: The cascade.
        lessons: The run that it was found in.
        samples: The cases that it was tested on, whose mean costs are told.
        requests: Of a month.
    """
    safe, bound = found.steps[-1], found.bound
    alone = measured_alone(samples, {name: single(name) for name in found.steps}, safe, bound.loss)
    usd = {name: measured.usd for name, measured in alone.items()}
    names = {step.use for step in found.chosen.way} | {safe}
    learned = _learned(lessons, samples, names, safe, bound.loss, bound.confidence)
    learned = _with_month(learned, requests, found.chosen.usd, usd)
    return Policy("", found.chosen.way, learned=learned), learned


def policy_of_routes(found: LearnedRoutes, lessons: Lessons, by: str, requests: int) -> tuple[Policy, Learned]:
    """Return the policy that sends each task type the way that was found for it, and its origin."""
    names = {step.use for way in found.ways.values() for step in way} | {found.safe}
    samples = [*found.ordered, *found.tested]
    learned = _learned(lessons, samples, names, found.safe, found.goal.loss, found.goal.confidence)
    usd = {name: measured.usd for name, measured in found.alone.items()}
    learned = _with_month(learned, requests, found.measured.usd, usd)
    return Policy("", single(found.safe), by=by, ways=found.ways, learned=learned), learned


def _learned(
    lessons: Lessons, samples: Sequence[Sample], names: set[str], safe: str, loss: float, confidence: float
) -> Learned:
    header = lessons.run.header
    suites = sorted({sample.suite for sample in samples} & header.strategies.keys())
    return Learned(
        started=header.started,
        commit=header.commit or "",
        loss=loss,
        confidence=confidence,
        safe=safe,
        prices_date=header.prices_date,
        prices_sha256=header.prices_sha256,
        strategies={suite: _records(header.strategies[suite], names) for suite in suites},
    )


def _records(records: Mapping[str, StrategyRecord], names: set[str]) -> dict[str, StrategyRecord]:
    return {name: record for name, record in records.items() if name in names}


def _with_month(learned: Learned, requests: int, usd: Decimal, alone: Mapping[str, Decimal]) -> Learned:
    return replace(
        learned,
        requests=requests,
        usd=float(usd * requests),
        alone_usd={name: float(each * requests) for name, each in alone.items()},
    )
