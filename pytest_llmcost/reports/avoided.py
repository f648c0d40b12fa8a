"""What a run did not have to ask, in one line, and for each strategy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.avoided import Avoided
from pytest_llmcost.domain.trial import Trial, calls_of
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.table import usd


def avoided_line(avoided: Sequence[Avoided]) -> Iterator[str]:
    """Yield what was avoided in all, and by what: nothing where there was nothing."""
    if not avoided:
        return
    calls = sum(one.calls for one in avoided)
    known = sum((one.usd for one in avoided if one.usd is not None), Decimal(0))
    parts = ", ".join(f"{visible(one.by, 40)} {one.calls} ({_amount(one.usd)})" for one in avoided)
    at_least = "at least " if any(one.usd is None for one in avoided) else ""
    yield f"avoided {_count(calls)} and {at_least}{_amount(known)}: {parts}"


@dataclass(frozen=True, slots=True)
class Hits:
    """How many calls a cache answered, and what these would have cost, in US dollars."""

    calls: int
    hits: int
    saved_usd: Decimal

    @property
    def misses(self) -> int:
        """Calls that were made."""
        return self.calls - self.hits


def hits_of(trials: Iterable[Trial]) -> Hits:
    """Return the hits and misses of some trials, calls made once for a whole strategy included."""
    calls = calls_of(trials)
    hits = [call for call in calls if call.cached]
    return Hits(len(calls), len(hits), sum((call.usd for call in hits), Decimal(0)))


def hits_line(name: str, hits: Hits) -> str:
    """Return hits and misses, and what the hits saved; *name* is shown as it is."""
    share = f" ({hits.hits / hits.calls:.0%})" if hits.calls else ""
    told = f"{_count(hits.calls)}, {hits.hits} hits{share}, {hits.misses} misses"
    return f"{name}: {told}, {_amount(hits.saved_usd)} saved"


def _count(calls: int) -> str:
    return f"{calls} call{'s' * (calls != 1)}"


def _amount(amount: Decimal | None) -> str:
    if amount is None:
        return "USD not known"
    return f"{'-' if amount < 0 else ''}${usd(abs(amount))}"
