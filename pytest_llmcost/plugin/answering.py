"""Calls ahead of pytest: while one case is reported, the next ones are being asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future

import pytest

from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.plugin import xdist
from pytest_llmcost.plugin.collection import CaseItem

WINDOW_PER_CALL = 2
"""Cases asked ahead for each call in flight, so that one slow answer does not leave the others idle."""


class LookAhead:
    """Submits cases in the order in which pytest will run them, a bounded number ahead.

    Args:
        submit: Starts answering a case; returns at once.
        window: Cases that may be asked and not yet reported.
        upcoming: The cases that follow one, nearest first.
    """

    def __init__(
        self,
        submit: Callable[[CaseItem], Future[Trial]],
        window: int,
        upcoming: Callable[[CaseItem], Iterable[CaseItem]],
    ) -> None:
        self._submit = submit
        self._window = window
        self._upcoming = upcoming
        self._asked: dict[CaseItem, Future[Trial]] = {}

    def take(self, item: CaseItem) -> Future[Trial]:
        """Return what comes of *item*, asking it and those behind it first where that is still to do."""
        if item not in self._asked:
            self._asked[item] = self._submit(item)
        for following in self._upcoming(item):
            if len(self._asked) >= self._window:
                break
            if following not in self._asked:
                self._asked[following] = self._submit(following)
        return self._asked.pop(item)


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
