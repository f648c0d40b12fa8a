"""Calls ahead of pytest: while one case is reported, the next ones are being asked."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait

import pytest

from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.plugin import xdist
from pytest_llmcost.plugin.collection import CaseItem

WINDOW_PER_CALL = 2
"""Cases asked ahead for each call in flight, so that one slow answer does not leave the others idle."""

FEWEST_AT_ONCE = 0.25
"""Share of the window that has to be free before it is filled again: waking the calls' thread for each case would
take longer than a cached answer does."""

BURST, BURST_SECONDS = 16, 0.05
"""Who had to wait for an answer waits up to so long for so many of the next, which are then reported in one go: that
halves the CPU of reporting, and the calls go on meanwhile."""


class LookAhead:
    """Submits cases in the order in which pytest will run them, a bounded number ahead.

    Args:
        submit: Starts answering cases; returns at once.
        window: Cases that may be asked and not yet reported.
        upcoming: The cases that follow one, nearest first.
    """

    def __init__(
        self,
        submit: Callable[[Sequence[CaseItem]], Iterable[Future[Trial]]],
        window: int,
        upcoming: Callable[[CaseItem], Iterable[CaseItem]],
    ) -> None:
        self._submit = submit
        self._window = window
        self._upcoming = upcoming
        self._asked: dict[CaseItem, Future[Trial]] = {}

    def is_asked(self, item: CaseItem) -> bool:
        """Whether a case was asked ahead, and not yet taken."""
        return item in self._asked

    def is_answered(self, item: CaseItem) -> bool:
        """Whether what `take` returns is done; asks where that is still to do."""
        self._ask(item)
        return self._asked[item].done()

    def take(self, item: CaseItem) -> Future[Trial]:
        """Return what comes of *item*, asking it and those behind it first where that is still to do."""
        self._ask(item)
        return self._asked.pop(item)

    def wait_for_more(self) -> None:
        """Wait a moment for the next answers, after one that had to be waited for."""
        wait(list(itertools.islice(self._asked.values(), BURST)), BURST_SECONDS)

    def _ask(self, item: CaseItem) -> None:
        wanted = [] if item in self._asked else [item]
        room = self._window - len(self._asked)
        if wanted or room >= self._window * FEWEST_AT_ONCE:
            following = (other for other in self._upcoming(item) if other not in self._asked)
            wanted += itertools.islice(following, max(room - len(wanted), 0))
        if wanted:
            self._asked.update(zip(wanted, self._submit(wanted), strict=True))


class InOrder:
    """The cases of a plain run: all of them, in the session's order."""

    def __init__(self, items: Iterable[pytest.Item]) -> None:
        self._cases = [item for item in items if isinstance(item, CaseItem)]
        self._places = {item: place for place, item in enumerate(self._cases)}
        self._reached = 0

    def __call__(self, item: CaseItem) -> Iterable[CaseItem]:
        """Yield the cases after *item* that were not yielded before."""
        self._reached = max(self._reached, self._places[item] + 1)
        while self._reached < len(self._cases):
            yield self._cases[self._reached]
            self._reached += 1


def queued(session: pytest.Session, most: int) -> Callable[[CaseItem], Iterable[CaseItem]]:
    """Return what a worker of xdist runs next: its queue, as it stands."""

    def upcoming(_: CaseItem) -> Iterable[CaseItem]:
        following = (session.items[index] for index in xdist.queued_indices(session.config, most))
        return [item for item in following if isinstance(item, CaseItem)]

    return upcoming
