"""Start at mid, then let reports move each task type: up when its tier fails too often, down when it hardly does.

Both are decided by bounds with a stated error rate, never by streaks (`statistics.detector`). A tier that was left
because it failed is tried again only after a rest, which doubles each time.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.statistics.detector import NOTHING, is_alarm, no_more_than_needed, too_few, too_many
from pytest_llmcost.strategies.adaptive_state import AdaptiveState, Place

START = "mid"
_CALL_ID = re.compile(r"([0-9a-f]{16})\.([0-9]{1,9})\.[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a request goes.

    Attributes:
        call_id: To report with how it went.
        tier: Who answers.
    """

    call_id: str
    tier: str


@dataclass(frozen=True, slots=True)
class Rules:
    """When a task type moves.

    Attributes:
        tiers: The cheapest first.
        max_failure_rate: More failures than this move a type up; half of it or less move it down.
        error_rate: A type moves wrongly at most once in 1/error_rate reports on average, in either direction.
        retry_after: Reports before a tier that failed is tried again, the first time.
    """

    tiers: tuple[str, ...]
    max_failure_rate: float
    error_rate: float
    retry_after: int

    def after(self, place: Place, failed: bool) -> Place:
        """Return where a task type is after one more report."""
        value, limit = float(failed), self.max_failure_rate
        up, down = too_many(place.up, value, limit), too_few(place.down, value, limit / 2)
        place = replace(
            place,
            reports=place.reports + 1,
            up=no_more_than_needed(up, self.error_rate),
            down=no_more_than_needed(down, self.error_rate),
            rests=tuple(max(0, rest - 1) for rest in place.rests),
        )
        if place.tier + 1 < len(self.tiers) and is_alarm(up, self.error_rate):
            return self._moved(self._rested(place), +1)
        if place.tier and not place.rests[place.tier - 1] and is_alarm(down, self.error_rate):
            return self._moved(place, -1)
        return place

    def start(self) -> Place:
        """Return where a task type begins: at mid, or in the middle."""
        middle = self.tiers.index(START) if START in self.tiers else len(self.tiers) // 2
        return Place(middle, NOTHING, NOTHING, (0,) * len(self.tiers), (0,) * len(self.tiers))

    def _moved(self, place: Place, by: int) -> Place:
        return replace(place, tier=place.tier + by, visit=place.visit + 1, reports=0, up=NOTHING, down=NOTHING)

    def _rested(self, place: Place) -> Place:
        """Return *place* with its tier at rest: twice as long as the last time, unless it did well for as long."""
        failures = list(place.failures)
        last = self.retry_after * 2 ** (failures[place.tier] - 1) if failures[place.tier] else 0
        failures[place.tier] = 1 if place.reports > last else failures[place.tier] + 1
        rests = list(place.rests)
        rests[place.tier] = self.retry_after * 2 ** (failures[place.tier] - 1)
        return replace(place, rests=tuple(rests), failures=tuple(failures))


class AdaptiveRouter:
    """Picks the tier of a request by its task type, and learns from reports; for any thread and several processes.

    Report successes as well as failures: where only failures are reported, everything looks like one.

    Args:
        state: A file, which is made where there is none; the processes of an application share it.
        tiers: The cheapest first, two or more. All task types start at `mid`, or where there is none in the middle.
        max_failure_rate: How many failures are acceptable, above 0 and below 1.
        error_rate: How often a type may move without need, each way: at most once in 1/error_rate reports on average.
        retry_after: How many reports a tier that failed rests before it is tried again; doubled each time.

    Raises:
        SettingsError: If an argument is wrong.
        StateError: If the file cannot be used, or is of other tiers.
    """

    def __init__(
        self,
        state: str | Path,
        tiers: Sequence[str] = ("cheap", "mid", "frontier"),
        *,
        max_failure_rate: float = 0.1,
        error_rate: float = 0.001,
        retry_after: int = 500,
    ) -> None:
        for key, value in (("max_failure_rate", max_failure_rate), ("error_rate", error_rate)):
            if not 0 < value < 1:
                raise SettingsError(f"{key} is {value!r}: a number above 0 and below 1 is needed.", key=key)
        if len(tiers) < 2 or len(set(tiers)) < len(tiers):
            raise SettingsError(f"tiers are {list(tiers)}: two or more different names are needed.", key="tiers")
        if retry_after < 1:
            raise SettingsError(
                f"retry_after is {retry_after!r}: a number of reports from 1 up is needed.", key="retry_after"
            )
        self._rules = Rules(tuple(tiers), max_failure_rate, error_rate, retry_after)
        self._state = AdaptiveState(Path(state), self._rules.tiers)

    def choose(self, task: str) -> Choice:
        """Return the tier for a request of the type *task*, and the id to report with."""
        key = _key(task)
        place = self._state.read(key) or self._rules.start()
        return Choice(f"{key}.{place.visit}.{secrets.token_hex(6)}", self._rules.tiers[place.tier])

    def report(self, call_id: str, ok: bool) -> None:
        """Say how a request went; a second report of one counts for nothing, as does one of a tier left meanwhile.

        Raises:
            SettingsError: If no such id was given out.
        """
        key, visit = _parsed(call_id)
        with self._state.changing(key, call_id) as row:
            if row.is_new and row.visit_of(self._rules.start()) == visit:
                row.place = self._rules.after(row.place or self._rules.start(), not ok)

    def tier_of(self, task: str) -> str:
        """Return where requests of the type *task* go now."""
        place = self._state.read(_key(task)) or self._rules.start()
        return self._rules.tiers[place.tier]

    def close(self) -> None:
        """Free the file."""
        self._state.close()


def _key(task: str) -> str:
    """Return a short name of a task type that says nothing of it: call ids travel."""
    return hashlib.sha256(task.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _parsed(call_id: str) -> tuple[str, int]:
    found = _CALL_ID.fullmatch(call_id)
    if found is None:
        raise SettingsError(f"call_id is {call_id[:60]!r}: one that choose() gave out is needed.", key="call_id")
    return found[1], int(found[2])
