"""Which calls a run did not have to make: those that caches answered, and those that strategies spared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.domain.avoided import UNNAMED, Avoided, joined
from pytest_llmcost.domain.plan import Cascade
from pytest_llmcost.domain.trial import Call, Trial, calls_of

CASCADE = "cascade"


def avoided_in(entries: Iterable[Entry]) -> tuple[Avoided, ...]:
    """Return what spared calls in some strategies of a run, one of each kind."""
    return joined(one for entry in entries for one in _avoided(entry))


def by_caches(calls: Iterable[Call]) -> Iterator[Avoided]:
    """Yield the calls that a cache answered, one by one."""
    return (Avoided(call.origin or UNNAMED, 1, call.usd) for call in calls if call.cached)


def _avoided(entry: Entry) -> Iterator[Avoided]:
    yield from by_caches(calls_of(entry.trials))
    for trial in entry.trials:
        yield from trial.avoided
    if isinstance(entry.spec.plan, Cascade):
        yield _by_cascade(entry.spec.plan.steps[-1].name, [trial for trial in entry.trials if trial.steps])


def _by_cascade(last: str, trials: Sequence[Trial]) -> Avoided:
    """Return the calls of a cascade's last step that were not made.

    Each is taken to cost what that step cost on average where it was asked; what all earlier
    steps cost is taken off. Where the last step was never asked, nobody knows.
    """
    costs = [_usd_of_step(last, trial) for trial in trials]
    asked = [usd for usd in costs if usd is not None]
    spared = len(costs) - len(asked)
    if not asked:
        return Avoided(CASCADE, spared, None)
    asked_usd = sum(asked, Decimal(0))
    earlier_usd = sum((trial.usd for trial in trials), Decimal(0)) - asked_usd
    return Avoided(CASCADE, spared, asked_usd / len(asked) * spared - earlier_usd)


def _usd_of_step(name: str, trial: Trial) -> Decimal | None:
    """Return what a step's calls cost, or None where it was not asked."""
    start, found = 0, None
    for step in trial.steps:
        if step.name == name or step.name.startswith(f"{name} > "):
            found = sum((call.usd for call in trial.calls[start : start + step.calls]), found or Decimal(0))
        start += step.calls
    return found
