"""From sides to a comparison: suite by suite, who stands where, who is not worse than whom, and why costs differ."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from pytest_llmcost.assembly.changes import marks_of
from pytest_llmcost.assembly.compare.contenders import (
    Contender,
    common_cases,
    contenders_of,
    pairs_of,
    prices_for,
)
from pytest_llmcost.assembly.compare.sides import Compared, Shared, shared_suites
from pytest_llmcost.assembly.kept_prices import kept_prices
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.summing import groups_of, quarantined
from pytest_llmcost.domain.change import CostChange
from pytest_llmcost.domain.comparison import Allowance, Contrast, Finding, SideBySide, Standing, SuiteComparison
from pytest_llmcost.domain.gate import QualityGate
from pytest_llmcost.domain.plan import Cascade
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.gate import pareto
from pytest_llmcost.gate.bounds import FEWEST_FOR_P95
from pytest_llmcost.gate.contrast import contrast, settled
from pytest_llmcost.gate.delta import cost_change
from pytest_llmcost.gate.pairing import Pairing, pair_cases
from pytest_llmcost.gate.slices import Mark, quality_change
from pytest_llmcost.statistics.intervals import mean_score
from pytest_llmcost.statistics.percentiles import percentile

FindSuite = Callable[[str], tuple[Suite | None, str]]
"""Reads the suite of a path; where it is not there or wrong: None, and what must be said of that."""


@dataclass(frozen=True, slots=True)
class _Field:
    """One suite's strategies, ready to be compared.

    Attributes:
        cases: What all of them answered.
        prices: By model, for all of them.
        groups, marks: The group of each case, and the slices that it is in; none where the suite's file is not here.
        said: What must be known of that.
    """

    path: str
    suite: Suite | None
    contenders: tuple[Contender, ...]
    pairs: tuple[tuple[Contender, Contender], ...]
    cases: tuple[str, ...]
    prices: Mapping[str, Price]
    groups: Mapping[str, str | None]
    marks: Mapping[str, Sequence[Mark]]
    said: tuple[str, ...]


def compare(
    sides: Sequence[Compared],
    models: Models,
    find_suite: FindSuite,
    quality: float | None,
    allowance: Allowance | None = None,
) -> SideBySide:
    """Return what the sides tell of each other.

    Args:
        sides: At least one; of a single one the strategies are compared with each other.
        models: For today's prices.
        find_suite: A side holds no suite: margins, groups, tags and quarantine are looked up.
        quality: What the cheapest and the fastest strategy have to reach, within 0..1; None asks for neither.
        allowance: What the best strategy may cost; None does not ask for it.
    """
    fields = [_field(shared, sides, models, find_suite) for shared in shared_suites(sides)]
    contrasts = iter(settled([_contrast(field, *pair) for field in fields for pair in field.pairs]))
    return SideBySide(
        suites=tuple(
            _compared(field, tuple(islice(contrasts, len(field.pairs))), quality, allowance) for field in fields
        ),
        sides={compared.letter or "A": compared.text for compared in sides},
        quality=quality,
        allowance=allowance,
        notes=tuple(note for one in sides for note in (*one.side.notes, *one.side.faults.values())),
    )


def _field(shared: Shared, sides: Sequence[Compared], models: Models, find_suite: FindSuite) -> _Field:
    suite, said = find_suite(shared.path)
    by_side = contenders_of(shared, sides, quarantined(suite) if suite else frozenset())
    pairs = list(pairs_of(by_side))
    paired = {contender.name for pair in pairs for contender in pair}
    everyone = [contender for own in by_side for contender in own]
    # Of one side a single strategy stands for itself; of several sides what has no like on another is named, and out.
    contenders = everyone if len(sides) == 1 else [one for one in everyone if one.name in paired]
    alone = [one.name for one in everyone if one not in contenders]
    notes = [said] * bool(said) + [f"compared with nothing: {', '.join(alone)}"] * bool(alone)
    prices = prices_for(contenders, shared.path, models)
    cases = tuple(common_cases(contenders)) if contenders else ()
    if len(sides) == 1 and cases:
        pairs = [_dearer_first(pair, cases, prices) for pair in pairs]
    return _Field(
        path=shared.path,
        suite=suite,
        contenders=tuple(contenders),
        pairs=tuple(pairs),
        cases=cases,
        prices=prices,
        groups=groups_of(suite) if suite else {},
        marks=marks_of(suite) if suite else {},
        said=tuple(notes),
    )


def _dearer_first(
    pair: tuple[Contender, Contender], cases: Sequence[str], prices: Mapping[str, Price]
) -> tuple[Contender, Contender]:
    """Return who saves as the second: whether it is worse is what a user wants to know."""
    first, second = (contender.usd(cases, prices) for contender in pair)
    return pair[::-1] if first is not None and second is not None and first < second else pair


def _contrast(field: _Field, before: Contender, now: Contender) -> Contrast:
    margin, source = _margin(field.suite, now.strategy, before.strategy)
    same = before.record.fingerprint == now.record.fingerprint
    pairing = pair_cases(before.records, now.records, same_strategy=same, groups=field.groups)
    blank = Contrast(before.name, now.name, Finding.UNTOLD, margin, source, len(pairing.pairs))
    found = contrast(blank, pairing, field.prices)
    return dataclasses.replace(
        found,
        cost_change=_cost_change(field, pairing, before, now),
        quality_change=quality_change(pairing, field.marks) if field.marks else None,
    )


def _cost_change(field: _Field, pairing: Pairing, before: Contender, now: Contender) -> CostChange | None:
    prices = field.prices
    sides = [kept_prices(contender.record) for contender in (before, now)]
    found = cost_change(pairing, {**prices, **sides[0]}, {**prices, **sides[1]})
    is_known = before.models <= sides[0].keys() and now.models <= sides[1].keys()
    if found is None:
        return None
    found = dataclasses.replace(found, is_price_known=is_known)
    return found.of_a_cascade() if _is_cascade(field, before) and _is_cascade(field, now) else found


def _is_cascade(field: _Field, one: Contender) -> bool:
    """Return whether a strategy is a cascade, as its answers say, or today's suite."""
    specs = field.suite.strategies if field.suite else ()
    return one.is_cascade or any(spec.name == one.strategy and isinstance(spec.plan, Cascade) for spec in specs)


def _margin(suite: Suite | None, *strategies: str) -> tuple[float, str]:
    """Return the largest accepted drop, as the suite says for the first of the strategies that it holds to any."""
    gates = {spec.name: spec.gate for spec in suite.strategies} if suite else {}
    for strategy in strategies:
        if gate := gates.get(strategy):
            return gate.quality.margin, "as the suite says"
    return QualityGate().margin, "by default"


def _compared(
    field: _Field, contrasts: tuple[Contrast, ...], quality: float | None, allowance: Allowance | None
) -> SuiteComparison:
    standings = [_standing(field, contender) for contender in field.contenders] if field.cases else []
    points = [pareto.Point(one.name, one.quality, one.usd, one.p50_seconds) for one in standings]
    beaten = pareto.beaten_by(points)
    cheapest, fastest = (
        (find(points, quality) if quality is not None else None) for find in (pareto.cheapest, pareto.fastest)
    )
    best = None if allowance is None else pareto.best(points, allowance.usd_a_case)
    return SuiteComparison(
        suite=field.path,
        cases=len(field.cases),
        standings=tuple(dataclasses.replace(one, beaten_by=beaten[one.name]) for one in standings),
        contrasts=contrasts,
        notes=tuple(_notes(field)),
        cheapest=cheapest.name if cheapest else None,
        fastest=fastest.name if fastest else None,
        best=best.name if best else None,
    )


def _standing(field: _Field, contender: Contender) -> Standing:
    records = contender.at(field.cases)
    scores, seconds = [r.mean_score for r in records], [r.seconds_per_trial for r in records]
    interval = mean_score(scores, [field.groups.get(case) for case in field.cases])
    return Standing(
        name=contender.name,
        model=contender.record.model,
        quality=sum(scores) / len(scores),
        lower=interval.lower,
        upper=interval.upper,
        usd=contender.usd(field.cases, field.prices),
        tokens=sum(r.tokens_per_trial for r in records) / len(records),
        p50_seconds=percentile(seconds, 0.5),
        p95_seconds=percentile(seconds, 0.95) if len(seconds) >= FEWEST_FOR_P95 else None,
        unanswered=sum(not record.is_scored for record in contender.records),
    )


def _notes(field: _Field) -> Iterator[str]:
    yield from field.said
    if not field.cases and field.contenders:
        yield "no case was answered by all of them"
    for one in field.contenders:
        if apart := len(one.records) - len(field.cases):
            blank = sum(not record.is_scored for record in one.records)
            unanswered = f", {blank} of them without an answer" if blank else ""
            yield f"{one.name}: {apart} of its {len(one.records)} cases stand apart{unanswered}"
        if unpriced := sorted(one.models - field.prices.keys()):
            yield f"no price is known for {', '.join(unpriced)}, so that {one.name} cannot be compared by cost"
