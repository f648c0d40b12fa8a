"""Why a metric moved: the parts of a change of cost, and the slices of cases that a change of quality sits in."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

COST_PARTS = ("calls", "mix", "tokens", "prompt_cache", "time", "price")
"""What a change of cost is made of, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class CostChange:
    """Why a case costs another amount than before; all in US dollars a case (of one trial, on average), exact.

    The parts are Shapley values: their sum is `now - before`, to the last digit.

    Attributes:
        before: At the prices that the earlier side was stored with.
        now: At today's prices; as if nothing were cached by us.
        calls: Share of the number of calls a case.
        mix: Share of which models answer how many of the calls.
        tokens: Share of the tokens that a call of a model takes.
        prompt_cache: Share of how many of the input tokens a provider's cache reads or writes.
        time: Share of the compute time of a call, where that is what is paid for.
        price: Share of the prices.
        escalation: Of a cascade, in the place of calls and mix, which move in it together: how many cases went on to
            which step.
        hits: What our own cache saved on the side of now: its hits are a model of price 0. No part of the sum,
            since a cost is stated as if nothing were cached by us.
        is_price_known: Whether the prices of the earlier side are its own; if not, some are today's, and a change
            of them goes unseen.
    """

    before: Fraction
    now: Fraction
    calls: Fraction = Fraction(0)
    mix: Fraction = Fraction(0)
    tokens: Fraction = Fraction(0)
    prompt_cache: Fraction = Fraction(0)
    time: Fraction = Fraction(0)
    price: Fraction = Fraction(0)
    escalation: Fraction = Fraction(0)
    hits: Fraction = Fraction(0)
    is_price_known: bool = True

    @property
    def parts(self) -> Mapping[str, Fraction]:
        """The parts by name, in the order of `COST_PARTS`, and escalation."""
        return {name: getattr(self, name) for name in (*COST_PARTS, "escalation")}

    def of_a_cascade(self) -> CostChange:
        """Return the same of a cascade: the number of its calls, and whose they are, say how many were escalated."""
        nothing = Fraction(0)
        return dataclasses.replace(self, calls=nothing, mix=nothing, escalation=self.calls + self.mix)

    @property
    def increase(self) -> float | None:
        """The change as a share of `before` (0.10 is a tenth more); None where that is nothing."""
        return float(self.now / self.before - 1) if self.before else None


@dataclass(frozen=True, slots=True)
class Slice:
    """Some of the paired cases, by what the suite says of them.

    Attributes:
        kind: `tag`, `group`, or `label` (the expected one).
        cases: Paired ones in it; `lost` of them score lower than before, `won` higher.
        change: What it adds to the mean score of all paired cases: its own change, times its share of the cases.
        p: Of "its cases turned as the whole did no more often than the others", one-sided, Holm-corrected for the
            number of slices that were tested; None where it was not: so few cases could not stand out.
        holds: Whether it surely stands out: p is at most 0.05.
    """

    kind: str
    name: str
    cases: int
    lost: int
    won: int
    change: float
    p: float | None = None
    holds: bool = False


@dataclass(frozen=True, slots=True)
class QualityChange:
    """Where the cases lie that were lost and won.

    Attributes:
        cases: Paired ones; `lost` of them score lower than before, `won` higher.
        change: Of the mean score.
        slices: All in which a case changed, the one that moved the mean most first.
    """

    cases: int
    lost: int
    won: int
    change: float
    slices: tuple[Slice, ...] = ()

    @property
    def explaining(self) -> tuple[Slice, ...]:
        """The slices that surely stand out, and moved the mean as the whole did, what moved it most first."""
        return tuple(one for one in self.slices if one.holds and one.change * self.change > 0)
