"""The asking side of a process: suites in, trials out; chain, engine and strategies are joined here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from decimal import Decimal
from pathlib import Path

from pytest_llmcost.assembly.models import Model, Models
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.assembly.trials import run_trial
from pytest_llmcost.calls.account import RUN, Account
from pytest_llmcost.calls.cache.cached import Mode
from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.calls.chain import build_chain
from pytest_llmcost.calls.engine import Closer, Engine
from pytest_llmcost.calls.providers.dispatch import Dispatch
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.protocols import Complete, Provider, Scorer, Strategy
from pytest_llmcost.domain.request import Request
from pytest_llmcost.domain.suite import Case, StrategySpec, Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.scoring.registry import SCORERS
from pytest_llmcost.strategies.parse import parser_of
from pytest_llmcost.strategies.single import Single
from pytest_llmcost.suites.read import read_suite
from pytest_llmcost.suites.render import PromptRenderer

LOCAL = "local"


class Runner:
    """Answers cases for one process; nothing is opened before the first case needs it.

    Args:
        settings: The project's.
        mode: Of the cache: auto, replay, refresh or live.
        account: The run's account of money, one file for all its processes.
        warn: Says what went wrong without stopping the run.
    """

    def __init__(self, settings: Settings, *, mode: Mode, account: Path, warn: Callable[[str], None]) -> None:
        self._settings = settings
        self._mode = mode
        self._account_path = account
        self._warn = warn
        self.prices = PriceTable(settings.prices, warn=warn)
        self.models = Models(settings, self.prices, os.environ)
        self._engine: Engine | None = None
        self._account: Account | None = None
        self._store: DiskStore | None = None
        self._provider: Dispatch | None = None
        self._strategies: dict[tuple[str, str], Strategy] = {}
        self._ask: Complete | None = None

    def read_suite(self, path: Path, root: Path) -> Suite:
        """Return a suite, read with this project's tiers, models and default strategies.

        Raises:
            SuiteError: With all its mistakes.
        """
        return read_suite(path, root=root, models=self.models, default_strategies=self._settings.strategies)

    def open_budgets(self, cap_usd: Decimal, suites: Sequence[Suite]) -> None:
        """Open the run's budget and those of *suites* that have one; US dollars.

        Every process does so, and the lowest cap holds: who comes first does not matter.
        """
        account = self._open_account()
        account.add_budget(RUN, cap_usd)
        for suite in suites:
            if suite.budget_usd is not None:
                account.add_budget(suite.path, suite.budget_usd)

    def settle_accounts(self) -> None:
        """Charge at its worst case what is still reserved: whoever reserved it has ended without a word."""
        self._open_account().forfeit()

    def spent(self) -> Decimal:
        """Return what the whole run has spent so far, in US dollars."""
        return self._open_account().spent(RUN)

    def submit(self, suite: Suite, spec: StrategySpec, case: Case, number: int) -> Future[Trial]:
        """Start answering a case; the future never fails, what went wrong is part of the trial."""
        if self._engine is None:
            self._engine = Engine()
        scorer: Scorer = SCORERS[suite.scorer]
        return self._engine.submit(lambda: run_trial(self._strategy_of, scorer, suite, spec, case, number))

    def close(self) -> None:
        """Cancel what is still asked and free everything; may be called again."""
        if self._engine is not None:
            # On the loop's own thread: connections belong to the thread that opened them.
            closers: list[Closer] = []
            if self._provider is not None:
                closers.append(self._provider.aclose)
            if self._store is not None:
                closers.append(self._store.close)
            self._engine.close(*closers)
        if self._account is not None:
            self._account.close()
        self._engine = self._provider = self._store = self._account = self._ask = None

    def _open_account(self) -> Account:
        if self._account is None:
            self._account = Account(self._account_path)
        return self._account

    def _strategy_of(self, suite: Suite, spec: StrategySpec) -> Strategy:
        """Return the suite's strategy, built when the first case needs it."""
        key = (suite.path, spec.name)
        if key not in self._strategies:
            self._strategies[key] = self._build(suite, spec)
        return self._strategies[key]

    def _build(self, suite: Suite, spec: StrategySpec) -> Strategy:
        model = self.models.find(spec.model)
        renderer = PromptRenderer(spec.prompt, suite.labels)
        template = Request(
            endpoint=model.endpoint,
            messages=(),
            params=request_params(self._settings, model, spec),
            style=spec.prompt.style,
            prefix_messages=renderer.prefix_messages,
            about=f"{suite.path}::{spec.name}",
            budgets=(suite.path,) if suite.budget_usd is not None else (),
            timeout_seconds=self._settings.timeout_seconds,
        )
        return Single(
            ask=self._chain(),
            template=template,
            render=renderer.messages,
            parse=parser_of(spec.parse, suite.labels),
            price=model.price,
            labels=suite.labels,
            calibrate=spec.calibrate and spec.parse == "label",
        )

    def _chain(self) -> Complete:
        if self._ask is None:
            self._provider = Dispatch({LOCAL: self._local_provider()}, otherwise=_remote_provider)
            if self._mode != "live":
                self._store = DiskStore(self._settings.cache, warn=self._warn)
            self._ask = build_chain(
                self._provider,
                store=self._store,
                mode=self._mode,
                account=self._open_account(),
                prices=self.models,
                warn=self._warn,
                attempts=self._settings.attempts,
                timeout_seconds=self._settings.timeout_seconds,
                in_flight=self._settings.concurrency,
                limits={LOCAL: 1},
            )
        return self._ask

    def _local_provider(self) -> Provider:
        from pytest_llmcost.calls.providers.local import LocalProvider
        from pytest_llmcost.calls.weights.find import find_weights
        from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder

        folder = ModelFolder(models_folder())
        return LocalProvider(lambda name: find_weights(name, folder, self._settings.root))


def request_params(settings: Settings, model: Model, spec: StrategySpec) -> Mapping[str, object]:
    """Return what is sent along: the strategy's word over the model's, with a `max_tokens` always.

    A local model lists its tokens' probabilities for the asking; elsewhere they are asked
    for only where the strategy cannot do without, as not every provider has them.
    """
    params: dict[str, object] = {"max_tokens": settings.max_tokens, **model.params, **spec.params}
    if spec.parse == "label" and (spec.calibrate or model.endpoint.provider == LOCAL):
        params = {"logprobs": True, "top_logprobs": 20, **params}
    return params


def _remote_provider() -> Provider:
    from pytest_llmcost.calls.providers.remote.provider import LiteLLMProvider

    return LiteLLMProvider()
