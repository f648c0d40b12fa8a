"""Why these days cost more than those: split exactly into traffic, escalation, mix, caches, tokens and prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pytest_llmcost.domain.price import PER_MILLION, Price
from pytest_llmcost.domain.spending import FACTORS, Spend, SpendChange
from pytest_llmcost.statistics.shapley import shapley

Group = tuple[str, bool]
"""A task, and whether its calls were escalated."""
Way = tuple[str, bool, str]
"""A group's task and flag, and a model."""
Cell = tuple[str, bool, str, str]
"""A way, and a kind of what its calls take."""
PriceOf = Callable[[str], Price | None]

INPUT, CACHED, OUTPUT, CALL, SECOND, HIT = "input", "cached input", "output", "call", "second", "hit"
_EXACT = 10**12  # parts of a dollar: a sum of a database's floats is no truer


def spend_change(
    before: Iterable[Spend], now: Iterable[Spend], price_of: PriceOf, scale: Fraction, task: str = "", model: str = ""
) -> SpendChange:
    """Return why *now* is another amount than *before*.

    USD of a task's calls by a model = requests of the task x calls a request (of escalated ones: the escalation rate)
    x the model's share of these calls x the share that no cache of ours answered x tokens a call x the share of the
    input that the provider had not in its cache, and had, x USD a token. The change of each such product is shared
    out by Shapley values (`statistics/shapley.py`).

    Args:
        before: The earlier days.
        now: The later ones.
        price_of: A model's price by today's table, None where none is known. It says how what was paid divides
            into input, cached input and output; what was paid is the ledger's.
        scale: What *before* is multiplied with, to be of as many days as *now*.
        task: Only of this one, if it is given.
        model: Likewise; the mix is still its share in the calls of all models.
    """
    base, cand = _Side(before, price_of, scale), _Side(now, price_of, Fraction(1))
    parts, places = dict.fromkeys(FACTORS, Fraction(0)), defaultdict[tuple[str, str], Fraction](Fraction)
    cells = [cell for cell in base.usd.keys() | cand.usd.keys() if task in ("", cell[0]) and model in ("", cell[2])]
    totals = [Fraction(0), Fraction(0)]
    for cell in cells:
        usd = [_exact(side.usd.get(cell, Fraction(0))) for side in (base, cand)]
        totals = [total + own for total, own in zip(totals, usd, strict=True)]
        places[cell[0], cell[2]] += usd[1] - usd[0]
        for name, share in _rounded(shapley(_factors(base, cell), _factors(cand, cell)), usd[1] - usd[0]).items():
            parts[name] += share
    return SpendChange(totals[0], totals[1], parts, places)


def _rounded(shares: Sequence[Fraction], whole: Fraction) -> dict[str, Fraction]:
    """Return the shares to `_EXACT`, still summing to *whole*: the largest takes the rest."""
    found = {name: _exact(share) for name, share in zip(FACTORS, shares, strict=True)}
    largest = max(found, key=lambda name: abs(found[name]))
    found[largest] += whole - sum(found.values(), Fraction(0))
    return found


def _exact(usd: Fraction | float) -> Fraction:
    return Fraction(round(usd * _EXACT), _EXACT)


@dataclass(slots=True)
class _Calls:
    """A way's calls on one side, before they are scaled."""

    paid: int = 0
    hits: int = 0
    input: int = 0
    cached: int = 0
    output: int = 0
    seconds: Fraction = Fraction(0)
    usd: Fraction = Fraction(0)
    hits_usd: Fraction = Fraction(0)

    def add(self, spend: Spend) -> None:
        """Add the calls of a day."""
        usd = _exact(spend.usd)
        if spend.is_cached:
            self.hits, self.hits_usd = self.hits + spend.calls, self.hits_usd + usd
            return
        self.paid, self.usd = self.paid + spend.calls, self.usd + usd
        self.input, self.cached = self.input + spend.prompt_tokens, self.cached + spend.cached_tokens
        self.output += spend.completion_tokens
        self.seconds += Fraction(round(spend.seconds * 1000), 1000)

    def amounts(self, price: Price | None) -> dict[str, tuple[Fraction, Fraction]]:
        """Return, by kind, how much was taken and what a unit of it was paid with."""
        taken = {INPUT: self.input - self.cached, CACHED: self.cached, OUTPUT: self.output}
        rates = _rates(price, self.input // max(self.paid, 1))
        nominal = sum((taken[kind] * rates[kind] for kind in taken), Fraction(0))
        if price is not None and price.usd_per_hour and self.seconds:
            return {SECOND: (self.seconds, self.usd / self.seconds)}
        if not nominal:
            return {CALL: (Fraction(self.paid), self.usd / self.paid)} if self.paid else {}
        return {kind: (Fraction(taken[kind]), rates[kind] * self.usd / nominal) for kind in taken}


class _Side:
    """What one side's cells are made of."""

    def __init__(self, spends: Iterable[Spend], price_of: PriceOf, scale: Fraction) -> None:
        self.ways: dict[Way, _Calls] = defaultdict(_Calls)
        for spend in spends:
            self.ways[spend.task, spend.is_escalated, spend.model].add(spend)
        self.requests: dict[str, Fraction] = defaultdict(Fraction)
        self.calls: dict[Group, int] = defaultdict(int)
        for (task, is_escalated, _), calls in self.ways.items():
            self.calls[task, is_escalated] += calls.paid + calls.hits
            self.requests[task] += 0 if is_escalated else scale * (calls.paid + calls.hits)
        # A task whose first calls were not logged has its escalated ones for requests.
        for task, _ in [*self.calls]:
            self.requests[task] = self.requests[task] or scale * self.calls[task, True]
        self.scale = scale
        self.amounts: dict[Cell, tuple[Fraction, Fraction]] = {}
        self.usd: dict[Cell, Fraction] = {}
        for way, calls in self.ways.items():
            for kind, (amount, rate) in calls.amounts(price_of(way[2])).items():
                self.amounts[*way, kind] = amount, rate
                if amount:
                    self.usd[*way, kind] = scale * amount * rate
            if calls.hits_usd:
                self.amounts[*way, HIT] = (Fraction(calls.hits), calls.hits_usd / calls.hits)
                self.usd[*way, HIT] = scale * calls.hits_usd


def _factors(side: _Side, cell: Cell) -> list[Mapping[str, Fraction]]:
    """Return a cell's factors in the order of `FACTORS`, without what only the other side can tell."""
    return [{"": value} if value is not None else {} for value in _values(side, cell)]


def _values(side: _Side, cell: Cell) -> Iterator[Fraction | None]:
    task, is_escalated, model, kind = cell
    requests = side.requests.get(task, Fraction(0))
    in_group, calls = side.calls.get((task, is_escalated), 0), side.ways.get((task, is_escalated, model))
    yield requests
    yield side.scale * in_group / requests if requests else None
    every = calls.paid + calls.hits if calls else 0
    yield Fraction(every, in_group) if in_group else None
    counted = (calls.hits if kind == HIT else calls.paid) if calls else 0
    yield Fraction(counted, every) if every else None
    amount, rate = side.amounts.get(cell, (Fraction(0), None))
    whole = Fraction(calls.input) if calls and kind in (INPUT, CACHED) else amount
    yield whole / counted if counted else None
    yield amount / whole if whole else None
    yield rate


def _rates(price: Price | None, input_tokens: int) -> dict[str, Fraction]:
    """Return USD a token by kind; 1 for all where no price is known."""
    if price is None:
        return dict.fromkeys((INPUT, CACHED, OUTPUT), Fraction(1))
    own = price.for_input(input_tokens)
    cached = own.input if own.cached_input is None else own.cached_input
    per_mtok = {INPUT: own.input, CACHED: cached, OUTPUT: own.output}
    return {kind: Fraction(rate) / Fraction(PER_MILLION) for kind, rate in per_mtok.items()}
