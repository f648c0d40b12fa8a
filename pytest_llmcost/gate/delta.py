"""Why cost changed: split exactly into calls, mix, tokens, prompt cache, time and price (statistics.md, section 9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction

from pytest_llmcost.domain.change import CostChange
from pytest_llmcost.domain.price import PER_MILLION, SECONDS_PER_HOUR, Price
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.records import CaseRecord
from pytest_llmcost.statistics.shapley import shapley

Cell = tuple[str, str]
"""A model, and a kind of what it takes."""
Factor = dict[Cell, Fraction]

CALL, SECOND = "call", "second"
INPUT = ("input", "cached_input", "cache_write", "cache_write_1h")
KINDS = (*INPUT, "output", "reasoning", CALL, SECOND)
MICRO = 10**6


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one side took, one trial a case: amounts and their US dollars by cell.

    Attributes:
        rates: By model and kind, what a unit would have cost, for kinds of which nothing was taken.
    """

    amounts: Factor
    usd: Factor
    rates: Mapping[str, Mapping[str, Fraction]]

    @property
    def wholes(self) -> Factor:
        """All that each kind is a part of, by cell."""
        return {
            (model, kind): sum((self.amounts.get((model, k), Fraction(0)) for k in _parts(kind)), Fraction(0))
            for model in self.rates
            for kind in KINDS
        }


def cost_change(pairing: Pairing, before: Mapping[str, Price], now: Mapping[str, Price]) -> CostChange | None:
    """Return why the paired cases cost another amount, or None where a price is not known or nothing is paired.

    C = calls x share of a model x what a call of it takes in all x share of a kind in that x price of the kind,
    summed over models and kinds. What a call takes in all is tokens, or seconds where time is paid for; a kind has a
    share of the input, which is what a provider's cache changes.

    Args:
        pairing: The cases common to both sides.
        before: Prices by model, as they were for the earlier side.
        now: Prices by model, as they are for the later one.
    """
    early, late = [pair.before for pair in pairing.pairs], [pair.now for pair in pairing.pairs]
    if not early or not _models(early) <= before.keys() or not _models(late) <= now.keys():
        return None
    # Seconds that cost something on one side have been there on the other, too.
    timed = {model for prices in (before, now) for model, price in prices.items() if price.usd_per_hour}
    base, cand = _taken(early, before, timed), _taken(late, now, timed)
    cells = base.amounts.keys() | cand.amounts.keys()
    shares = shapley(_factors(base, cells), _factors(cand, cells))
    calls, mix, tokens, cache, time, price = (share / len(early) for share in shares)
    totals = [sum(side.usd.values(), Fraction(0)) / len(early) for side in (base, cand)]
    return CostChange(totals[0], totals[1], calls, mix, tokens, cache, time, price)


def _models(records: Iterable[CaseRecord]) -> set[str]:
    return {model for record in records for model in record.usage}


def _factors(side: _Taken, cells: Iterable[Cell]) -> list[Factor]:
    """Return the factors in the order of `COST_PARTS`, without what only the other side can tell."""
    asked, wholes = sum((n for (_, kind), n in side.amounts.items() if kind == CALL), Fraction(0)), side.wholes
    calls, mix, tokens, cache, time, price = factors = [Factor() for _ in range(6)]
    for cell in cells:
        model, kind = cell
        own = side.amounts.get((model, CALL), Fraction(0))
        calls[cell] = asked
        if asked:
            mix[cell] = own / asked
        if own:
            amount, a_call = side.amounts.get(cell, Fraction(0)), wholes[cell] / own
            tokens[cell], time[cell] = (Fraction(1), a_call) if kind == SECOND else (a_call, Fraction(1))
            price[cell] = side.usd[cell] / amount if amount else side.rates[model][kind]
            if a_call:
                cache[cell] = amount / wholes[cell]
    return factors


def _taken(records: Iterable[CaseRecord], prices: Mapping[str, Price], timed: Set[str]) -> _Taken:
    """Return what the records took: added up in whole numbers, by their trials and the context tier of their price."""
    sums: dict[tuple[str, int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    tiers: dict[int, Price] = {}
    for record in records:
        for model, usage in record.usage.items():
            calls = record.calls_of(model)
            price = prices[model].for_input(usage.input_tokens // calls)
            tiers[id(price)], own = price, sums[model, len(record.scores), id(price)]
            seconds = record.seconds_of(model) if model in timed else 0.0
            for kind, amount in _amounts(usage, calls, seconds):
                own[kind] += amount
    amounts, usd = Factor(), Factor()
    for (model, trials, tier), own in sums.items():
        rates = _rates(tiers[tier])
        for kind, amount in own.items():
            one_trial = Fraction(amount, trials * (MICRO if kind == SECOND else 1))
            amounts[model, kind] = amounts.get((model, kind), Fraction(0)) + one_trial
            usd[model, kind] = usd.get((model, kind), Fraction(0)) + one_trial * rates[kind]
    return _Taken(amounts, usd, {model: _nominal(model, amounts, prices[model]) for model, _ in amounts})


def _amounts(usage: Usage, calls: int, seconds: float) -> Iterator[tuple[str, int]]:
    """Yield what was taken of each kind, each token once; seconds in millionths."""
    short_writes = usage.cache_write_tokens - usage.cache_write_1h_tokens
    amounts = (
        (CALL, calls),
        ("input", usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens),
        ("cached_input", usage.cached_input_tokens),
        ("cache_write", short_writes),
        ("cache_write_1h", usage.cache_write_1h_tokens),
        ("output", usage.output_tokens - usage.reasoning_tokens),
        ("reasoning", usage.reasoning_tokens),
        (SECOND, round(seconds * MICRO)),
    )
    return ((kind, amount) for kind, amount in amounts if amount)


def _nominal(model: str, amounts: Factor, price: Price) -> dict[str, Fraction]:
    taken = sum((amounts.get((model, kind), Fraction(0)) for kind in INPUT), Fraction(0))
    return _rates(price.for_input(int(taken / amounts[model, CALL])))


def _rates(price: Price) -> dict[str, Fraction]:
    """Return USD a token, a call or a second; a kind without a rate of its own has that of what it is part of."""
    write = price.input if price.cache_write is None else price.cache_write
    per_mtok = {
        "input": price.input,
        "cached_input": price.input if price.cached_input is None else price.cached_input,
        "cache_write": write,
        "cache_write_1h": write if price.cache_write_1h is None else price.cache_write_1h,
        "output": price.output,
        "reasoning": price.output if price.reasoning is None else price.reasoning,
    }
    rates = {kind: Fraction(rate) / Fraction(PER_MILLION) for kind, rate in per_mtok.items()}
    hourly = Fraction(price.usd_per_hour) / Fraction(SECONDS_PER_HOUR)
    return rates | {CALL: Fraction(price.per_request), SECOND: hourly}


def _parts(kind: str) -> tuple[str, ...]:
    return INPUT if kind in INPUT else (kind,)
