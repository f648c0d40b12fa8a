"""A case that is already answered is one report: its setup and teardown do nothing, and nobody would miss them.

pytest takes a test through three phases with a report each, which costs more than a
cached answer does. A case has no fixtures, so that between two cases of one strategy
nothing is set up or torn down. All else is left to pytest: a case that has to be
waited for, scorers that may print, other plugins that take part, marks that skip,
`-x`, and the first and last case of a strategy. JUnit's file closes a case with the
report on its teardown, and so gets one.
"""

from __future__ import annotations

from bdb import BdbQuit
from collections.abc import Callable, Iterable
from typing import Literal

import pytest
from pluggy import HookCaller, HookRelay

from pytest_llmcost.domain.suite import ScorerSpec
from pytest_llmcost.plugin import xdist
from pytest_llmcost.plugin.collection import CaseItem
from pytest_llmcost.scoring.registry import NOT, SCORERS

_HOOKS = tuple(
    f"pytest_runtest_{name}"
    for name in ("protocol", "logstart", "setup", "call", "teardown", "makereport", "logreport", "logfinish")
)
_PASSED_OVER = ("_pytest.", "pytest_llmcost.", "pytest_randomly", "_hypothesis_pytestplugin")
"""Whose hooks do nothing in the phases left out: pytest's, ours, and of two plugins that were read; pytest-randomly
seeds `random` once more, hypothesis looks at its own tests."""
_NEEDS_ALL = "_pytest.stepwise"
"""Where `--stepwise` stops the session, all is torn down."""
_DECIDING_MARKS = frozenset({"skip", "skipif", "xfail"})


class OneReport:
    """Runs cases in one phase where that makes no difference but in time.

    Args:
        config: pytest's.
        is_answered: Whether a case can be reported without waiting.
    """

    def __init__(self, config: pytest.Config, is_answered: Callable[[CaseItem], bool]) -> None:
        has_terminal = config.pluginmanager.has_plugin("terminal")
        shows_times = has_terminal and config.getini("console_output_style") == "times"
        # With -x the case that stops the session tears all down; a worker cannot know who reads its reports elsewhere.
        needs_all = config.getoption("setupshow", False) or config.getoption("maxfail", 0) or xdist.is_worker(config)
        self._applies = not (shows_times or needs_all)
        self._has_junit = bool(config.getoption("xmlpath", None))
        self._is_answered = is_answered
        self._unwatched: dict[pytest.Collector | None, bool] = {}
        self._before: pytest.Collector | None = None

    def run(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run *item* if one report is enough; return False where it is left to pytest."""
        before, self._before = self._before, item.parent
        is_between = nextitem is not None and before is item.parent is nextitem.parent
        if not (self._applies and is_between and isinstance(item, CaseItem) and self._is_plain(item)):
            return False
        hook = item.ihook  # looked up once: pytest finds the folder's hooks anew each time
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        _report(item, hook, "call", item.runtest)
        if self._has_junit:
            _report(item, hook, "teardown", lambda: None)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _is_plain(self, item: CaseItem) -> bool:
        if item.parent not in self._unwatched:
            hook = item.ihook
            self._unwatched[item.parent] = not any(_is_watched(getattr(hook, name)) for name in _HOOKS)
        decides = any(mark.name in _DECIDING_MARKS for mark in item.iter_markers())
        is_silent = _are_silent(item.suite.scorer_of(item.case))
        return self._unwatched[item.parent] and is_silent and not decides and self._is_answered(item)


def _is_watched(hook: HookCaller) -> bool:
    modules = (impl.function.__module__ for impl in hook.get_hookimpls())
    return any(module == _NEEDS_ALL or not module.startswith(_PASSED_OVER) for module in modules)


def _are_silent(scorers: Iterable[ScorerSpec]) -> bool:
    """Whether only our own code scores: what other code prints, pytest captures while it waits for a case."""
    return all(
        _are_silent(spec.of) if spec.name == NOT else spec.name in SCORERS and spec.name != "python" for spec in scorers
    )


def _report(item: CaseItem, hook: HookRelay, when: Literal["call", "teardown"], do: Callable[[], None]) -> None:
    """Do as pytest does in one phase."""
    passed_on: tuple[type[BaseException], ...] = (pytest.exit.Exception,)
    if not item.config.getoption("usepdb", False):
        passed_on += (KeyboardInterrupt,)
    call = pytest.CallInfo.from_call(do, when=when, reraise=passed_on)
    report = hook.pytest_runtest_makereport(item=item, call=call)
    hook.pytest_runtest_logreport(report=report)
    if call.excinfo is not None and not isinstance(call.excinfo.value, pytest.skip.Exception | BdbQuit):
        hook.pytest_exception_interact(node=item, call=call, report=report)
