"""Why a strategy's cost and quality moved since its baseline was stored."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from pytest_llmcost.assembly.kept_prices import kept_prices
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.summing import Entry, prices_of
from pytest_llmcost.domain.plan import Cascade
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.gate.delta import cost_change
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.slices import Mark, quality_change
from pytest_llmcost.reports.summary import StrategySummary


def with_changes(row: StrategySummary, entry: Entry, models: Models) -> StrategySummary:
    """Return *row* with why its cost and its quality changed, where there is something to compare with."""
    if entry.pairing is None or entry.before is None or not entry.pairing.pairs:
        return row
    today, kept = prices_of(entry, models), kept_prices(entry.before)
    asked = {model for pair in entry.pairing.pairs for model in pair.before.usage}
    cost = cost_change(entry.pairing, {**today, **kept}, today)
    if cost is not None:
        hits = _hits(entry.pairing, entry.trials)
        cost = dataclasses.replace(cost, hits=hits, is_price_known=asked <= kept.keys())
        cost = cost.of_a_cascade() if isinstance(entry.spec.plan, Cascade) else cost
    quality = quality_change(entry.pairing, marks_of(entry.suite))
    return dataclasses.replace(row, cost_change=cost, quality_change=quality)


def _hits(pairing: Pairing, trials: Sequence[Trial]) -> Fraction:
    """Return what the calls of the paired cases that our cache answered would have cost, in USD a case."""
    paired = {pair.now.case for pair in pairing.pairs}
    own = [trial for trial in trials if trial.case in paired and trial.score is not None]
    times = Counter(trial.case for trial in own)
    worth = (Fraction(call.usd) / times[trial.case] for trial in own for call in trial.calls if call.cached)
    return sum(worth, Fraction(0)) / len(paired)


def marks_of(suite: Suite) -> dict[str, list[Mark]]:
    """Return the slices of a suite that each of its cases is in: its tags, its group, its expected label."""
    return {
        case.id: [
            *(("tag", tag) for tag in case.tags),
            *([("group", case.group)] if case.group is not None else []),
            *([("label", str(case.expected[0]))] if suite.labels and len(case.expected) == 1 else []),
        ]
        for case in suite.cases
    }
