"""`--llm-early-stop`: cases in random order, asked no further ahead than they may be needed, and skipped where not."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pytest_llmcost.assembly.early_stop import Watch, in_random_order
from pytest_llmcost.assembly.exchange import Exchange
from pytest_llmcost.assembly.judging import suites_then
from pytest_llmcost.assembly.saved import Saved, in_words, saved_by
from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.assembly.trials import blank_trial
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.gate.baseline import Baseline
from pytest_llmcost.gate.held_to import held_to, retold
from pytest_llmcost.plugin.collection import CaseItem
from pytest_llmcost.plugin.options import why_unjudged
from pytest_llmcost.plugin.python_tests import suite_of
from pytest_llmcost.reports.safe import visible

if TYPE_CHECKING:
    from pytest_llmcost.plugin.active import ActivePlugin

FEWEST_AHEAD = 0.25
"""Of the calls in flight, as many are made ahead of a verdict however near it is: a little waste for much time."""
FILE = "trials.jsonl"

Key = tuple[str, str]
"""A suite's path, and a strategy's name."""


def is_on(config: pytest.Config) -> bool:
    """Whether the run may stop early."""
    return bool(config.getoption("llm_early_stop")) and not _why_not(config)


def _why_not(config: pytest.Config) -> str:
    """Return why no run may stop early that is chosen, or compared, like this."""
    if str(config.getoption("llm_baseline") or "").startswith("strategy:"):
        return "what a strategy of this very run did, is known at its end"
    return why_unjudged(config)


def told(config: pytest.Config, entries: Sequence[Entry]) -> Iterator[str]:
    """Yield what an early stop saved in all, and where and why there could be none."""
    if not config.getoption("llm_early_stop"):
        return
    if why := _why_not(config):
        yield f"note: --llm-early-stop has no effect: {why}"
        return
    saved = [saved_by(entry.trials) for entry in entries if entry.not_needed]
    if saved:
        yield f"early stop: {in_words(Saved(sum(s.calls for s in saved), sum((s.usd for s in saved), Decimal(0))))}"
    gated = [entry for entry in entries if entry.spec.gate is not None]
    if saved and len({entry.suite.path for entry in gated if entry.pairing is not None}) > 1:
        yield "note: no verdict on all suites together: a suite that was stopped early is no fair part of them"
    compared = [entry for entry in gated if "::" not in entry.suite.path]
    new = [entry for entry in compared if entry.pairing is None and not entry.not_needed]
    if new:
        names = ", ".join(f"{visible(entry.suite.path, 200)}::{visible(entry.spec.name)}" for entry in new)
        yield f"note: without a baseline no verdict is certain early, so that all cases were asked: {names}"


def key_of(item: CaseItem) -> Key:
    """Return which strategy of which suite answers a case."""
    return item.suite.path, item.spec.name


def put_in_random_order(items: list[pytest.Item]) -> None:
    """Put each strategy's cases into the random order of their suite, in the places that they have among all tests."""
    by_strategy: dict[Key, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        if isinstance(item, CaseItem):
            by_strategy[key_of(item)].append(place)
    for places in by_strategy.values():
        own = [item for place in places if isinstance(item := items[place], CaseItem)]
        for place, item in zip(places, _ordered(own), strict=True):
            items[place] = item


def _ordered(cases: Sequence[CaseItem]) -> list[CaseItem]:
    order = in_random_order(cases[0].suite, [(item.case, item.trial_number) for item in cases])
    places = {(case.id, number): place for place, (case, number) in enumerate(order)}
    return sorted(cases, key=lambda item: places[item.case.id, item.trial_number])


class EarlyStop:
    """What this process knows of the run: the trials of all its processes, and by them which cases are not needed.

    Attributes:
        family: How many verdicts on quality the run can test at most.
    """

    def __init__(self, active: ActivePlugin, items: Sequence[pytest.Item]) -> None:
        self._active = active
        self._cases: dict[Key, list[CaseItem]] = defaultdict(list)
        for item in items:
            if isinstance(item, CaseItem):
                self._cases[key_of(item)].append(item)
        self._own = {item.suite.path: item.suite for own in self._cases.values() for item in own[:1]}
        then = suites_then(self._own, active.comparison, active.extensions)
        self._held = {path: held_to(self._own[path], suite) for path, suite in then.suites.items()}
        baselines = {path: _baseline_of(active, path) for path, _ in self._cases}
        self.family = _family(active, items, self._cases, baselines)
        watches = {key: self._watch(key, own, baselines[key[0]]) for key, own in self._cases.items()}
        self._watches = {key: watch for key, watch in watches.items() if watch is not None}
        self._turns = {item: turn for own in self._cases.values() for turn, item in enumerate(own)}
        self._reached: dict[Key, int] = defaultdict(int)
        self._at_least = max(1, int(active.settings.concurrency * FEWEST_AHEAD))
        self._exchange: Exchange | None = None
        try:
            self._exchange = Exchange(active.account.with_name(FILE))
        except OSError as error:
            self._give_up(error)

    def _watch(self, key: Key, items: Sequence[CaseItem], baseline: Baseline | None) -> Watch | None:
        """Return who follows a strategy, by the gate that it is held to; None where it has none."""
        suite = self._held.get(key[0], self._own[key[0]])
        spec = next(spec for spec in suite.strategies if spec.name == key[1])
        if spec.gate is None:
            return None
        planned = [(item.case, item.trial_number) for item in items]
        return Watch(suite, spec, baseline, planned, self._active.runner.models, self.family)

    def tell(self, future: Future[Trial]) -> None:
        """Tell all processes what came of a case; from any thread."""
        exchange = self._exchange  # (which the main thread may take away)
        if exchange is not None and not future.cancelled():
            try:
                exchange.tell(future.result())
            except OSError as error:
                self._give_up(error)

    def reason(self, item: CaseItem) -> str:
        """Return why a case is not to be asked, or nothing where it is."""
        self._listen()
        watch = self._watches.get(key_of(item))
        return watch.reason(item.case) if watch is not None else ""

    def not_run(self, item: CaseItem) -> Trial:
        """Return the trial of a case that was not asked."""
        blank = blank_trial(item.suite, item.spec, item.case, item.trial_number)
        return dataclasses.replace(blank, not_run=self.reason(item))

    def following(self, item: CaseItem) -> Iterator[CaseItem]:
        """Yield the cases after *item* that are wanted now: first those of its strategy, then of the ones after it."""
        key, keys = key_of(item), list(self._cases)
        self._reached[key] = max(self._reached[key], self._turns[item] + 1)
        for other in keys[keys.index(key) :]:
            own = self._cases[other]
            for turn in range(self._reached[other], len(own)):
                if self.is_wanted(own[turn]):
                    yield own[turn]
                elif not self.reason(own[turn]):
                    break  # not yet, and those behind it neither

    def is_wanted(self, item: CaseItem) -> bool:
        """Whether it is time to ask a case."""
        self._listen()
        watch = self._watches.get(key_of(item))
        return watch is None or watch.is_wanted(item.case, item.trial_number, self._at_least)

    def close(self) -> None:
        """Free the file; may be called again."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.close()

    def _listen(self) -> None:
        exchange = self._exchange  # (which the calls' thread may take away)
        if exchange is None:
            return
        try:
            for trial in self._as_held(list(exchange.heard())):
                watch = self._watches.get((trial.suite, trial.strategy))
                if watch is not None:
                    watch.take(trial)
        except (OSError, ValueError, KeyError) as error:
            self._give_up(error)

    def _as_held(self, trials: list[Trial]) -> Iterable[Trial]:
        return retold(trials, self._own, self._held) if trials and self._held else trials

    def _give_up(self, error: Exception) -> None:
        # Whoever does not know what came of a case before cannot say that the rest is not needed.
        self.close()
        self._active.warnings[f"no suite is stopped early any more: {error}"] = None


def _baseline_of(active: ActivePlugin, suite: str) -> Baseline | None:
    try:
        return active.comparison.baseline_of(active.config.rootpath, suite)
    except BaselineError:
        return None  # (nothing is certain without it; the run itself says what is wrong with it)


def _family(
    active: ActivePlugin,
    items: Sequence[pytest.Item],
    cases: Mapping[Key, Sequence[CaseItem]],
    baselines: Mapping[str, Baseline | None],
) -> int:
    """Return how many verdicts on quality can be tested, at most: one a strategy with a baseline, one on all suites."""
    tested = Counter(
        path
        for (path, strategy), own in cases.items()
        if own[0].spec.gate is not None and (found := baselines[path]) is not None and strategy in found.strategies
    )
    for suite in {suite_of(item) for item in items if "llm_score" in getattr(item, "fixturenames", ())}:
        if (found := _baseline_of(active, suite)) is not None:  # (which models a test in Python asks, only it knows)
            tested[suite] = len(found.strategies)
    return max(1, tested.total() + (len(tested) > 1))
