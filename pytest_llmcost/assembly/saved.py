"""What was not asked, and what it would have cost: as much a case as those that were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.reports.table import usd


@dataclass(frozen=True, slots=True)
class Saved:
    """What an early stop left out; `usd` in US dollars, as if nothing of it were cached."""

    calls: int
    usd: Decimal


def saved_by(trials: Sequence[Trial]) -> Saved:
    """Return what one strategy's trials that no verdict needed would have taken, by the others' mean."""
    needless = sum(trial.is_needless for trial in trials)
    asked = [trial for trial in trials if not trial.not_run]
    if not asked:
        return Saved(0, Decimal(0))
    calls = sum(len(trial.calls) for trial in asked)
    usd = sum((trial.usd for trial in asked), Decimal(0))
    return Saved(round(needless * calls / len(asked)), needless * usd / len(asked))


def saving_of(trials: Sequence[Trial]) -> str:
    """Return in words what an early stop saved of one strategy."""
    planned = {trial.case for trial in trials}
    left_out = {trial.case for trial in trials if trial.is_needless}
    return f"stopped after {len(planned - left_out)} of {len(planned)} cases: {in_words(saved_by(trials))}"


def in_words(saved: Saved) -> str:
    """Return `320 calls not made, about $1.23`: what of it would have come from the cache, nobody has asked."""
    return f"{saved.calls} call{'s' * (saved.calls != 1)} not made, about ${usd(saved.usd)}"
