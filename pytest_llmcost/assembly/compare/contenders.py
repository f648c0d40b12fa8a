"""The strategies of one suite, from all sides, made comparable: the same cases, groups and prices for all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from pytest_llmcost.assembly.compare.sides import Compared, Shared
from pytest_llmcost.assembly.kept_prices import kept_prices
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.step_lines import is_cascade
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.gate.records import CaseRecord


@dataclass(frozen=True, slots=True)
class Contender:
    """One strategy as one side knows it.

    Attributes:
        name: What it is called beside the others.
        records: Its gated cases.
        is_cascade: Whether its answers in a run say that it is one; a baseline does not tell.
    """

    name: str
    strategy: str
    record: StrategyRecord
    records: tuple[CaseRecord, ...]
    is_cascade: bool = False

    @property
    def scored(self) -> dict[str, CaseRecord]:
        """Its cases that have a score, by id."""
        return {record.case: record for record in self.records if record.is_scored}

    def at(self, cases: Sequence[str]) -> list[CaseRecord]:
        """Return its records of *cases*, which have a score, in that order."""
        scored = self.scored
        return [scored[case] for case in cases]

    def usd(self, cases: Sequence[str], prices: Mapping[str, Price]) -> float | None:
        """Return what one of *cases* costs on average, in US dollars; None where a price is not known."""
        records = self.at(cases)
        if not {model for record in records for model in record.usage} <= prices.keys():
            return None
        return float(sum(record.usd_per_trial(prices) for record in records)) / len(records)

    @property
    def models(self) -> set[str]:
        """The models that it asked."""
        return {model for record in self.records for model in record.usage}


def contenders_of(
    shared: Shared, sides: Sequence[Compared], out: frozenset[str] = frozenset()
) -> list[list[Contender]]:
    """Return the strategies that are compared, by side; without the cases that are *out*, in quarantine."""
    return [
        [
            Contender(
                name=compared.name_of(strategy),
                strategy=strategy,
                record=baseline.strategies[strategy],
                records=tuple(record for record in baseline.of(strategy) if record.case not in out),
                is_cascade=is_cascade(compared.trials(shared.path, strategy)),
            )
            for strategy in compared.strategies(baseline)
        ]
        if baseline is not None
        else []
        for compared, baseline in zip(sides, shared.of, strict=True)
    ]


def pairs_of(contenders: Sequence[Sequence[Contender]]) -> Iterator[tuple[Contender, Contender]]:
    """Yield who is compared with whom: of one side each with each, else the first side's with their like on others.

    Their like is the strategy of the same name; where both sides have one strategy, it is that.
    """
    first, *others = contenders
    if not others:
        yield from combinations(first, 2)
    for other in others:
        if len(first) == len(other) == 1:
            yield first[0], other[0]
            continue
        by_strategy = {contender.strategy: contender for contender in other}
        yield from ((one, by_strategy[one.strategy]) for one in first if one.strategy in by_strategy)


def common_cases(contenders: Sequence[Contender]) -> list[str]:
    """Return the cases that all of them answered, and were asked in the same way, in the order of the first."""
    sides = [contender.scored for contender in contenders]
    return [
        case
        for case, record in sides[0].items()
        if all(case in side and side[case].fingerprint == record.fingerprint for side in sides)
    ]


def prices_for(contenders: Sequence[Contender], suite: str, models: Models) -> dict[str, Price]:
    """Return one price a model for all of them: today's; of a model that nobody knows here, the last stored."""
    prices: dict[str, Price] = {}
    for contender in contenders:
        prices |= kept_prices(contender.record)
    for model in sorted({model for contender in contenders for model in contender.models}):
        with contextlib.suppress(PriceError):
            prices[model] = models.at(suite).price_of(model)
    return prices
