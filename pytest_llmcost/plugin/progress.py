"""How far a run is, shown by the thread that waits for a model: where nobody waits, nothing runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import suppress
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.calls.account import AccountError
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.plugin import xdist
from pytest_llmcost.plugin.collection import CaseItem
from pytest_llmcost.plugin.progress_views import REDRAW_SECONDS, View, view_of
from pytest_llmcost.plugin.tally import Tally
from pytest_llmcost.reports.progress import Standing, seconds_left

T = TypeVar("T")


class Progress:
    """Shows how far this process is; under pytest-xdist the controller's is told by `OfWorkers`.

    Args:
        config: pytest's.
        runner: The asking side.
        cap_usd: The run's budget.
        clock: Seconds that never jump.
    """

    def __init__(
        self, config: pytest.Config, runner: Runner, cap_usd: Decimal, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.clock = clock
        self._config = config
        self._runner = runner
        self.cap_usd = cap_usd
        self._view: View | None = None
        self._shown_at = 0.0
        self._known = 0
        self._answered = 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Have something to show progress on while tests run."""
        self._known = sum(isinstance(item, CaseItem) for item in session.items)
        self._shown_at = self.clock()
        self._view = None if xdist.is_worker(self._config) else view_of(self._config)
        try:
            return (yield)
        finally:
            self._leave()

    def counted(self, future: Future[T]) -> Future[T]:
        """Return a future that counts as answered when it is done."""
        future.add_done_callback(self._count)
        return future

    def pass_over(self) -> None:
        """Count a case that is not asked as answered."""
        self._answered += 1

    def _count(self, _: Future[Any]) -> None:
        self._answered += 1

    def wait(self, future: Future[T]) -> T:
        """Return what a future brings, and show how far the run is meanwhile, once any call had to go out."""
        if self._view is not None and threading.current_thread() is threading.main_thread():
            while not future.done():
                if self._runner.meter.started:
                    self.show(self._standing)
                with suppress(TimeoutError):  # only of this wait: the future's own error is returned, not raised
                    future.exception(REDRAW_SECONDS)
        return future.result()

    def wait_in_test(self, future: Future[T]) -> T:
        """Wait for a call of a test in Python, and make way for what the test prints next."""
        self._known += 1
        try:
            return self.wait(self.counted(future))
        finally:
            if self._view is not None:
                self._trying(self._view.erase)

    def show(self, standing: Callable[[], Standing]) -> None:
        """Show where the run stands, where that is not too often."""
        view = self._view
        if view is not None and (not view.is_shown or self.clock() - self._shown_at >= view.every_seconds):
            self._shown_at = self.clock()
            told = standing()
            self._trying(lambda: view.show(told))

    def spent(self) -> Decimal | None:
        """Return what all processes of the run have spent, in US dollars, or None where that cannot be read."""
        with suppress(AccountError):  # the call that next wants money says why
            return self._runner.spent()
        return None

    def _standing(self) -> Standing:
        meter = self._runner.meter
        remaining = self._known - self._answered
        return Standing(
            done=self._answered,
            total=self._known,
            in_flight=meter.in_flight,
            failed=dict(meter.failed),
            spent=self.spent(),
            budget=self.cap_usd,
            seconds_left=seconds_left(remaining, meter.mean_seconds, meter.mean_in_flight, meter.replies),
        )

    def _trying(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (OSError, ValueError):  # the terminal or the log is gone, which is no fault of the run
            self._leave()

    def _leave(self) -> None:
        view, self._view = self._view, None
        if view is not None:
            with suppress(OSError, ValueError):  # as above
                view.close()


class OfWorkers:
    """What a controller of pytest-xdist can tell: finished tests, by their reports, and the run's money.

    Args:
        progress: Shows it.
        tally: The run's books, in which a report's trial stands before it comes here.
        session: Knows how many tests the workers collected.
    """

    def __init__(self, progress: Progress, tally: Tally, session: pytest.Session) -> None:
        self._progress = progress
        self._tally = tally
        self._session = session
        self._done = 0
        self._taken = 0
        self._asked = 0
        self._seconds = 0.0
        self._began = 0.0

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a finished test, and show how far the run is, once any call had to go out."""
        self._done += report.when == "call" or (report.when != "teardown" and not report.passed)
        for trial in self._tally.trials[self._taken :]:
            self._take(trial)
        if self._asked and self._done < self._session.testscollected:
            self._progress.show(self._standing)

    def _take(self, trial: Trial) -> None:
        self._taken += 1
        if all(call.cached for call in trial.calls):
            return
        self._asked += 1
        self._seconds += trial.seconds
        if self._asked == 1:
            self._began = self._progress.clock() - trial.seconds

    def _standing(self) -> Standing:
        total = self._session.testscollected
        elapsed = self._progress.clock() - self._began
        at_once = self._seconds / elapsed if elapsed else 0.0
        return Standing(
            done=self._done,
            total=total,
            unit="tests",
            spent=self._progress.spent(),
            budget=self._progress.cap_usd,
            seconds_left=seconds_left(total - self._done, self._seconds / self._asked, at_once, self._asked),
        )
