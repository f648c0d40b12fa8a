"""The asking side of a process: suites in, trials out; chain, engine and strategies are joined here."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import Future
from decimal import Decimal
from pathlib import Path
from typing import Any

from pytest_llmcost.assembly.building import Builder
from pytest_llmcost.assembly.caches import kept_of, layers_of
from pytest_llmcost.assembly.call_log import Logging
from pytest_llmcost.assembly.embedding import embed_in
from pytest_llmcost.assembly.estimate import estimate, same_strategy
from pytest_llmcost.assembly.extensions.added import NONE, Extensions
from pytest_llmcost.assembly.flow import traffic_of
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.nested import Scope
from pytest_llmcost.assembly.providers import providers_of
from pytest_llmcost.assembly.requests import free_request
from pytest_llmcost.assembly.run_name import run_name
from pytest_llmcost.assembly.scopes import Scopes
from pytest_llmcost.assembly.scores import Scores
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.assembly.trials import run_trial
from pytest_llmcost.calls.account import RUN, Account, Budget
from pytest_llmcost.calls.cache.cached import Mode
from pytest_llmcost.calls.cache.layers import Layers
from pytest_llmcost.calls.chain import build_chain
from pytest_llmcost.calls.engine import Closer, Engine
from pytest_llmcost.calls.meter import Meter, Metered
from pytest_llmcost.calls.providers.dispatch import Dispatch
from pytest_llmcost.calls.redact import redacting
from pytest_llmcost.calls.shared_account import SharedAccount
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.protocols import Complete, Strategy
from pytest_llmcost.domain.request import Message
from pytest_llmcost.domain.suite import Case, StrategySpec, Suite
from pytest_llmcost.domain.trial import Answer, Call, Trial
from pytest_llmcost.gate.baseline import Baseline
from pytest_llmcost.reports.estimates import Estimate
from pytest_llmcost.strategies.single import accounted
from pytest_llmcost.suites.project import Project
from pytest_llmcost.suites.read import read_suite
from pytest_llmcost.suites.tree.files import identity_of


class Runner:
    """Answers cases for one process; nothing is opened before the first case needs it.

    Args:
        settings: The project's.
        mode: Of the cache: auto, replay, refresh or live.
        account: The run's account of money, one file for all its processes.
        warn: Says what went wrong without stopping the run.
        extensions: What other packages add.
        has_peers: Whether other processes of the run ask at the same time.
        logging: The way to the ledger, if live calls are logged.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        mode: Mode,
        account: Path,
        warn: Callable[[str], None],
        extensions: Extensions = NONE,
        has_peers: bool = False,
        logging: Logging | None = None,
    ) -> None:
        self._settings = settings
        self._logging = logging or Logging()
        self.extensions = extensions
        self._mode = mode
        self._account_path = account
        self._warn = warn
        self._has_peers = has_peers
        self.prices = PriceTable(settings.prices, warn=warn, packaged=extensions.prices)
        self._scopes = Scopes(settings, self.prices, os.environ)
        self._caps: set[str] = set()
        self.meter = Meter()
        self.traffic = traffic_of(settings, self.models, warn)
        self._engine: Engine | None = None
        self._account: Account | None = None
        self._shared: SharedAccount | None = None
        self._store: Layers | None = None
        self._provider: Dispatch | None = None
        self._builder = Builder(self._scopes, self._chain, embed_in(settings.root, warn), extensions.strategies)
        self._strategies: dict[tuple[str, str], Strategy] = {}
        self._scores = Scores(extensions.scorers)
        self._ask: Complete | None = None

    def read_suite(self, path: Path, root: Path) -> Suite:
        """Return a suite, read with this project's tiers, models and default strategies.

        Raises:
            SuiteError: With all its mistakes.
            SettingsError: If a configuration file on the way to it is wrong.
        """
        known = self.project_at(identity_of(path, self._settings.root))
        return read_suite(
            path,
            root=root,
            models=known.models,
            configured=known.configured,
            scorers=known.scorers,
            allowed_python=known.allowed_python,
            functions=known.functions,
        )

    @property
    def models(self) -> Models:
        """The root's models, by which those of every other place are found."""
        return self._scopes.models

    def open_budgets(self, cap_usd: Decimal, suites: Sequence[Suite]) -> None:
        """Open the run's budget and those of *suites* that have one; US dollars.

        Every process does so, and the lowest cap holds: who comes first does not matter.

        Raises:
            SettingsError: If the budget is to be shared by machines, and Redis's client or the run's name is missing.
        """
        account = self._open_account()
        account.add_budget(RUN, cap_usd)
        if self._settings.shared_budget and self._shared is None and self._mode != "replay":
            self._shared = SharedAccount(self._settings.shared_budget, run_name(os.environ))
        for suite in suites:
            self._open_caps(suite.path)
            if suite.budget_usd is not None:
                account.add_budget(suite.path, suite.budget_usd)

    def settle_accounts(self) -> None:
        """Charge at its worst case what is still reserved: whoever reserved it has ended without a word."""
        self._open_account().forfeit()

    def spent(self) -> Decimal:
        """Return what the whole run has spent so far, in US dollars."""
        return self._open_account().spent(RUN)

    def spent_by_all(self) -> Budget | None:
        """Return the budget that all machines of the run share, as it stands, or None where there is none.

        Raises:
            AccountError: If it cannot be read.
        """
        if not self._settings.shared_budget:
            return None
        return asyncio.run(SharedAccount(self._settings.shared_budget, run_name(os.environ)).look(RUN))

    def submit(self, asked: Iterable[tuple[Suite, StrategySpec, Case, int]]) -> list[Future[Trial]]:
        """Start answering cases; no future fails, what went wrong is part of its trial."""

        def trial(suite: Suite, spec: StrategySpec, case: Case, number: int) -> Coroutine[Any, Any, Trial]:
            score = self._scores.of(suite.scorer_of(case))
            return run_trial(self._strategy_of, score, suite, spec, case, number)

        return self._start_engine().submit_all([functools.partial(trial, *one) for one in asked])

    def complete(
        self, name: str, messages: Sequence[Message], params: Mapping[str, Any], *, about: str, budgets: Sequence[str]
    ) -> Future[tuple[Completion, Call]]:
        """Start one call, outside of any suite; the future raises what the call raises.

        Args:
            name: A tier, a configured model, or a provider's.
            messages: The chat.
            params: Over the model's own and the configured `max_tokens`.
            about: Who asks, a test's node id first: its file decides which configuration holds.
            budgets: Further budgets than the run's and its folder's that it is charged to.

        Raises:
            PriceError: If the model's price is not known.
        """
        scope = self._open_caps(about)
        model = self._scopes.find(about, name)
        request = free_request(scope, model, messages, params, about, budgets)

        async def ask() -> tuple[Completion, Call]:
            return accounted(request, await self._chain()(request), self.models)

        return self._start_engine().submit(ask)

    def answer(self, suite: Suite, spec: StrategySpec, case: Case, messages: Sequence[Message]) -> Future[Answer]:
        """Start answering *case*, of no file; parts without a prompt of their own are asked with *messages*.

        Raises:
            PriceError: If the price of one of its models is not known.
        """
        self._open_caps(suite.path)
        strategy = self._builder.build(suite, spec, messages)
        return self._start_engine().submit(lambda: strategy.answer(case, 1))

    def project_at(self, suite: str) -> Project:
        """Return what a suite of that path, or code in its place, may name.

        Raises:
            SettingsError: If a configuration file on the way to it is wrong.
        """
        return self._scopes.project_at(suite, self.extensions)

    def default_model(self, suite: str) -> str | None:
        """Return the model that tests of that path ask where they name none.

        Raises:
            SettingsError: If a configuration file on the way to it is wrong.
        """
        return self._scopes.at(suite).default_model

    def _open_caps(self, suite: str) -> Scope:
        """Open the budgets of the folders that a suite lies in, once, and return what holds there."""
        scope = self._scopes.at(suite)
        for name in scope.caps.keys() - self._caps:
            self._open_account().add_budget(name, scope.caps[name])
            self._caps.add(name)
        return scope

    def add_budget(self, name: str, cap_usd: Decimal) -> None:
        """Open a budget that calls may name; US dollars."""
        self._open_account().add_budget(name, cap_usd)

    def close(self) -> None:
        """Cancel what is still asked and free everything; may be called again."""
        if self._engine is not None:
            # On the loop's own thread: connections belong to the thread that opened them.
            closers: list[Closer] = []
            if self._provider is not None:
                closers.append(self._provider.aclose)
            if self._store is not None:
                closers.append(self._store.close)
            if self._shared is not None:
                closers.append(self._shared.close)
            self._engine.close(*closers)
        if self._account is not None:
            self._account.close()
        self._logging.close()
        self._engine = self._provider = self._store = self._account = self._shared = self._ask = None
        self._caps.clear()

    def _start_engine(self) -> Engine:
        if self._engine is None:
            self._engine = Engine()
        return self._engine

    def _open_account(self) -> Account:
        if self._account is None:
            self._account = Account(self._account_path)
        return self._account

    def _strategy_of(self, suite: Suite, spec: StrategySpec) -> Strategy:
        """Return the suite's strategy, built when the first case needs it."""
        key = (suite.path, spec.name)
        if key not in self._strategies:
            self._strategies[key] = self._builder.build(suite, spec)
        return self._strategies[key]

    def estimate(
        self, suite: Suite, spec: StrategySpec, trials: Sequence[tuple[Case, int]], baseline: Baseline | None
    ) -> Estimate:
        """Return what answering *trials* (cases, with the trial's number) is expected to take; nothing is asked.

        Raises:
            PriceError: If the price of one of its models is not known.
        """
        from pytest_llmcost.assembly.asked import Questions  # here, as a run that asks does not need to tell beforehand

        asked = Questions(self._scopes, suite).of(spec, trials)
        before = same_strategy(baseline, suite, spec, self.models)
        prices = self.models.at(suite.path)
        keys = {one.request.key() for one in asked} if self._mode in ("auto", "replay") else set()
        return estimate(suite, spec, asked, before, prices, asyncio.run(kept_of(keys, self._settings, self._warn)))

    def _chain(self) -> Complete:
        if self._ask is None:
            self._provider = providers_of(self._settings, self.prices, self.extensions.providers, self.traffic.observe)
            if self._mode != "live":
                self._store = layers_of(self._settings, self._warn)
            self._ask = build_chain(
                Metered(self._provider, self.meter),
                store=self._store,
                mode=self._mode,
                account=self._open_account(),
                prices=self._scopes,
                warn=self._warn,
                attempts=self._settings.attempts,
                timeout_seconds=self._settings.timeout_seconds,
                traffic=self.traffic,
                shared=self._shared,
                has_peers=self._has_peers,
                window_of=self.prices.window_of,
                redact=redacting(self._settings.redact) if self._settings.redact else None,
                log=None if self._mode == "replay" else self._logging.start(self._settings.tiers, self._scopes),
            )
        return self._ask
