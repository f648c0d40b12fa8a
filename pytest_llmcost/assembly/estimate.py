"""What a run would use and cost, told before anything is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.summing import strategy_record
from pytest_llmcost.calls.input_bound import bound_input_tokens
from pytest_llmcost.domain.price import Price, cost_of, worst_case_cost
from pytest_llmcost.domain.protocols import Store
from pytest_llmcost.domain.request import Request
from pytest_llmcost.domain.suite import StrategySpec, Suite
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.baseline import Baseline
from pytest_llmcost.gate.records import CaseRecord
from pytest_llmcost.reports.estimates import Estimate

BYTES_PER_TOKEN = 4
"""Of English text, about; only an expectation, the budget counts with one token a byte."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, what it is for, and what it may be charged at: the expected price first."""

    case: str
    request: Request
    prices: tuple[Price, ...]


def estimate(
    suite: Suite, spec: StrategySpec, asked: Sequence[Asked], before: Sequence[CaseRecord], store: Store | None
) -> Estimate:
    """Return what asking is expected to take.

    Args:
        suite: The suite.
        spec: Its strategy.
        asked: One a case and trial.
        before: What the same strategy did in the baseline; empty where it is another one, or new.
        store: The cache; None where it is not read.
    """
    known = {record.case: record for record in before if record.scores}
    uncached = [one for one in asked if store is None or store.get(one.request.key()) is None]
    usages = {id(one): _usage(one, known.get(one.case)) for one in asked}
    costs = [_expected(one, usages[id(one)], known.get(one.case)) for one in uncached]
    return Estimate(
        suite=suite.name,
        strategy=spec.name,
        calls=len(asked),
        cached=len(asked) - len(uncached),
        input_tokens=sum(usage.input_tokens for usage in usages.values()),
        output_tokens=sum(usage.output_tokens for usage in usages.values()),
        usd=None if None in costs else sum((cost for cost in costs if cost is not None), Decimal(0)),
        worst_usd=sum((_worst(one) for one in uncached), Decimal(0)),
        basis="baseline" if known else "text length",
    )


def same_strategy(baseline: Baseline | None, suite: Suite, spec: StrategySpec, models: Models) -> Sequence[CaseRecord]:
    """Return the baseline's records of a strategy that has not changed since."""
    stored = baseline.strategies.get(spec.name) if baseline else None
    if baseline is None or stored is None:
        return ()
    current = strategy_record(suite, spec, models)
    return baseline.of(spec.name) if stored.fingerprint == current.fingerprint else ()


def _usage(one: Asked, known: CaseRecord | None) -> Usage:
    if known is None:
        text = bound_input_tokens(one.request)
        return Usage(input_tokens=-(-text // BYTES_PER_TOKEN), output_tokens=int(one.request.params["max_tokens"]))
    trials = len(known.scores)
    total = sum(known.usage.values(), Usage())
    return Usage(
        input_tokens=-(-total.input_tokens // trials),
        cached_input_tokens=total.cached_input_tokens // trials,
        output_tokens=-(-total.output_tokens // trials),
    )


def _expected(one: Asked, usage: Usage, known: CaseRecord | None) -> Decimal | None:
    price = one.prices[0]
    if price.usd_per_hour and known is None:
        return None
    return cost_of(usage, price, known.seconds_per_trial if known else 0.0)


def _worst(one: Asked) -> Decimal:
    request = one.request
    tokens = bound_input_tokens(request), int(request.params["max_tokens"])
    return max(worst_case_cost(price, *tokens, request.timeout_seconds) for price in one.prices)
