"""What a run would use and cost, told before anything is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.strategy_record import strategy_record
from pytest_llmcost.calls.input_bound import bound_input_tokens
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.price import Price, cost_of, worst_case_cost
from pytest_llmcost.domain.protocols import PriceList
from pytest_llmcost.domain.request import Request
from pytest_llmcost.domain.suite import StrategySpec, Suite
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.baseline import Baseline
from pytest_llmcost.gate.records import CaseRecord
from pytest_llmcost.reports.estimates import Estimate
from pytest_llmcost.strategies.agreement import STRIDE

BYTES_PER_TOKEN = 4
"""Of English text, about; only an expectation, the budget counts with one token a byte."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, what it is for, and what it may be charged at: the expected price first."""

    case: str
    request: Request
    prices: tuple[Price, ...]


def estimate(
    suite: Suite,
    spec: StrategySpec,
    asked: Sequence[Asked],
    before: Sequence[CaseRecord],
    prices: PriceList,
    kept: Collection[str],
) -> Estimate:
    """Return what asking is expected to take.

    A strategy that may do without some of its requests is expected to make all of them, unless
    the baseline says what it took.

    Args:
        suite: The suite.
        spec: Its strategy.
        asked: All requests that may be made.
        before: What the same strategy did in the baseline; empty where it is another one, or new.
        prices: Of the baseline's models.
        kept: Keys of the requests whose answers are in a cache.
    """
    known = {record.case: record for record in before if record.scores}
    uncached = [one for one in asked if one.request.key() not in kept]
    usages = [_usage(one, known.get(one.case)) for one in _counted_once(asked, known)]
    costs = [_expected(one, known.get(one.case), prices) for one in _counted_once(uncached, known)]
    return Estimate(
        suite=suite.name,
        strategy=spec.name,
        calls=len(asked),
        cached=len(asked) - len(uncached),
        input_tokens=sum(usage.input_tokens for usage in usages),
        output_tokens=sum(usage.output_tokens for usage in usages),
        usd=None if None in costs else sum((cost for cost in costs if cost is not None), Decimal(0)),
        worst_usd=sum((worst_usd(one) for one in uncached), Decimal(0)),
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


def _counted_once(asked: Iterable[Asked], known: Mapping[str, CaseRecord]) -> Iterator[Asked]:
    """Yield one request a trial of each case that is known: what is known of it is of all its requests together."""
    seen = set()
    for one in asked:
        trial = (one.case, (one.request.trial - 1) % STRIDE)
        if one.case not in known or trial not in seen:
            yield one
        seen.add(trial)


def _expected(one: Asked, known: CaseRecord | None, prices: PriceList) -> Decimal | None:
    """Return what a request costs, or with what is known of its case the whole trial; None where nobody can tell."""
    if known is None:
        return None if one.prices[0].usd_per_hour else cost_of(_usage(one, None), one.prices[0], 0.0)
    try:
        return known.usd_per_trial({model: prices.price_of(model) for model in known.usage})
    except PriceError:
        return None


def worst_usd(one: Asked) -> Decimal:
    """Return the most that a request can cost, in US dollars."""
    request = one.request
    tokens = bound_input_tokens(request), int(request.params["max_tokens"])
    return max(worst_case_cost(price, *tokens, request.timeout_seconds) for price in one.prices)
