"""What was spent on which day, by whom, and why it is more than it was."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

FACTORS = ("traffic", "escalation", "model mix", "cache hits", "tokens a call", "prompt cache", "prices")
"""What a change of spend is made of, in the order in which it is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """The calls of one day, task and model, added up.

    Attributes:
        is_cached: Whether a cache in front of the model answered them.
        is_escalated: Whether they were later steps of a cascade.
        cached_tokens: The part of `prompt_tokens` that the provider had in its cache.
        unpriced: Calls whose cost is not known; it is not in `usd`.
    """

    day: date
    task: str = ""
    model: str
    is_cached: bool = False
    is_escalated: bool = False
    calls: int
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    usd: float
    seconds: float = 0.0
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class SpendChange:
    """Why other days cost another amount; US dollars, exact: the parts sum to `now - before`.

    Attributes:
        before: Of the earlier days, as many as there are later ones.
        now: Of the later days.
        parts: By the names of `FACTORS`, the share of each in the change.
        places: By task and model, the change there.
    """

    before: Fraction
    now: Fraction
    parts: Mapping[str, Fraction]
    places: Mapping[tuple[str, str], Fraction]


@dataclass(frozen=True, slots=True)
class Plan:
    """What may be spent; None where nothing is said. The configuration's table `budgets`."""

    daily_usd: float | None = None
    monthly_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """Spend that is over plan.

    Attributes:
        what: `day` or `month` over its budget, `month's end` over it by the forecast, or `week` over what was
            forecast for it.
        first, last: The days that are meant.
        usd: Spent, or forecast.
        plan_usd: What it was held to.
        model, task: Whose it is; empty where it is all.
        change: Why it is more than it was; None where there is nothing to compare with.
    """

    what: str
    first: date
    last: date
    usd: float
    plan_usd: float
    model: str = ""
    task: str = ""
    change: SpendChange | None = None

    def explained(self, change: SpendChange | None) -> Alert:
        """Return the alert with its explanation."""
        return dataclasses.replace(self, change=change)
