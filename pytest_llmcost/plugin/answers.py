"""Where a case's trial comes from: it is asked ahead and waited for, unless the run may do without."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest

from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.plugin import early_stop, xdist
from pytest_llmcost.plugin.answering import WINDOW_PER_CALL, InOrder, LookAhead, queued
from pytest_llmcost.plugin.collection import CaseItem

if TYPE_CHECKING:
    from pytest_llmcost.plugin.active import ActivePlugin


class Answers:
    """The trials of a process that runs tests.

    Attributes:
        family: With `--llm-early-stop`, how many verdicts on quality the run can test at most; else 0.
    """

    def __init__(self, active: ActivePlugin, session: pytest.Session) -> None:
        self._active = active
        self._early_stop = early_stop.EarlyStop(active, session.items) if early_stop.is_on(active.config) else None
        self.family = self._early_stop.family if self._early_stop is not None else 0
        in_flight = active.settings.concurrency
        # What waits for its turn cannot be called back: a run that may stop asks no more than can be in flight.
        window = WINDOW_PER_CALL * in_flight if self._early_stop is None else in_flight
        self._look_ahead = LookAhead(self._submit, window, self._upcoming(session, window))

    def _upcoming(self, session: pytest.Session, window: int) -> Callable[[CaseItem], Iterable[CaseItem]]:
        stop = self._early_stop
        if not xdist.is_worker(self._active.config):
            return InOrder(session.items) if stop is None else stop.following
        in_queue = queued(session, window)
        return in_queue if stop is None else lambda item: filter(stop.is_wanted, in_queue(item))

    def _submit(self, items: Iterable[CaseItem]) -> list[Future[Trial]]:
        asked = ((item.suite, item.spec, item.case, item.trial_number) for item in items)
        futures = [self._active.progress.counted(future) for future in self._active.runner.submit(asked)]
        if self._early_stop is not None:
            for future in futures:
                future.add_done_callback(self._early_stop.tell)
        return futures

    def is_ready(self, item: CaseItem) -> bool:
        """Whether a case can be reported without waiting; asks it where that is still to do."""
        return self._left_out(item) is not None or self._look_ahead.is_answered(item)

    def trial_of(self, item: CaseItem) -> Trial:
        """Return what came of a case, waiting for it."""
        if (trial := self._left_out(item)) is not None:
            self._active.progress.pass_over()
            return trial
        future = self._look_ahead.take(item)
        had_to_wait = not future.done()
        trial = self._active.progress.wait(future)
        if had_to_wait:
            self._look_ahead.wait_for_more()
        return trial

    def _left_out(self, item: CaseItem) -> Trial | None:
        """Return the trial of a case that is not asked; None where it is, or is on its way, and so paid in any case."""
        if self._early_stop is None or self._look_ahead.is_asked(item) or not self._early_stop.reason(item):
            return None
        return self._early_stop.not_run(item)

    def close(self) -> None:
        """Free what was opened; may be called again."""
        if self._early_stop is not None:
            self._early_stop.close()
