"""The asking side of a process: suites in, trials out; chain, engine and strategies are joined here."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from decimal import Decimal
from pathlib import Path
from typing import Any

from pytest_llmcost.assembly.estimate import Asked, estimate, same_strategy
from pytest_llmcost.assembly.models import Model, Models
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.assembly.trials import run_trial
from pytest_llmcost.calls.account import RUN, Account
from pytest_llmcost.calls.cache.cached import Mode
from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.calls.chain import build_chain
from pytest_llmcost.calls.engine import Closer, Engine
from pytest_llmcost.calls.providers.dispatch import DIRECT, LITELLM, LOCAL, Dispatch, choose_provider
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.charge import as_sent, prices_within_reach
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.protocols import Complete, Provider, Scorer, Strategy
from pytest_llmcost.domain.request import Message, Request
from pytest_llmcost.domain.suite import Case, ScorerSpec, StrategySpec, Suite
from pytest_llmcost.domain.trial import Call, Trial
from pytest_llmcost.gate.baseline import Baseline
from pytest_llmcost.reports.estimates import Estimate
from pytest_llmcost.scoring.registry import scorer_of
from pytest_llmcost.strategies.calibrate import CONTENT_FREE
from pytest_llmcost.strategies.parse import parser_of
from pytest_llmcost.strategies.single import Single, accounted
from pytest_llmcost.suites.read import read_suite
from pytest_llmcost.suites.render import PromptRenderer


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
        self._scorers: dict[int, tuple[tuple[ScorerSpec, ...], Scorer]] = {}
        self._ask: Complete | None = None

    def read_suite(self, path: Path, root: Path) -> Suite:
        """Return a suite, read with this project's tiers, models and default strategies.

        Raises:
            SuiteError: With all its mistakes.
        """
        settings = self._settings
        return read_suite(
            path,
            root=root,
            models=self.models,
            defaults=settings.defaults,
            named_strategies=settings.strategies,
            configuration=settings.file,
            allowed_python=settings.allowed_python,
        )

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
        scorer = self._scorer_of(case.scorer or suite.scorer)
        return self._start_engine().submit(lambda: run_trial(self._strategy_of, scorer, suite, spec, case, number))

    def complete(
        self, name: str, messages: Sequence[Message], params: Mapping[str, Any], *, about: str, budgets: Sequence[str]
    ) -> Future[tuple[Completion, Call]]:
        """Start one call, outside of any suite; the future raises what the call raises.

        Args:
            name: A tier, a configured model, or a provider's.
            messages: The chat.
            params: Over the model's own and the configured `max_tokens`.
            about: Who asks.
            budgets: Further budgets than the run's that it is charged to.

        Raises:
            PriceError: If the model's price is not known.
        """
        model = self.models.find(name)
        request = Request(
            endpoint=model.endpoint,
            messages=tuple(messages),
            params={"max_tokens": self._settings.max_tokens, **model.params, **params},
            about=about,
            budgets=tuple(budgets),
            timeout_seconds=self._settings.timeout_seconds,
        )

        async def ask() -> tuple[Completion, Call]:
            return accounted(request, await self._chain()(request), self.models)

        return self._start_engine().submit(ask)

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
            self._engine.close(*closers)
        if self._account is not None:
            self._account.close()
        self._engine = self._provider = self._store = self._account = self._ask = None

    def _start_engine(self) -> Engine:
        if self._engine is None:
            self._engine = Engine()
        return self._engine

    def _open_account(self) -> Account:
        if self._account is None:
            self._account = Account(self._account_path)
        return self._account

    def _scorer_of(self, specs: tuple[ScorerSpec, ...]) -> Scorer:
        # By identity: a suite's cases share the tuple, and options need not be hashable.
        if id(specs) not in self._scorers:
            self._scorers[id(specs)] = (specs, scorer_of(specs))
        return self._scorers[id(specs)][1]

    def _strategy_of(self, suite: Suite, spec: StrategySpec) -> Strategy:
        """Return the suite's strategy, built when the first case needs it."""
        key = (suite.path, spec.name)
        if key not in self._strategies:
            self._strategies[key] = self._build(suite, spec)
        return self._strategies[key]

    def _build(self, suite: Suite, spec: StrategySpec) -> Strategy:
        model = self.models.find(spec.model)
        renderer = PromptRenderer(spec.prompt, suite.labels)
        return Single(
            ask=self._chain(),
            template=self._template(suite, spec, model, renderer.prefix_messages),
            render=renderer.messages,
            parse=parser_of(spec.parse, suite.labels, spec.parse_argument),
            prices=self.models,
            labels=suite.labels,
            calibrate=is_calibrated(spec),
        )

    def _template(self, suite: Suite, spec: StrategySpec, model: Model, prefix_messages: int) -> Request:
        return Request(
            endpoint=model.endpoint,
            messages=(),
            params=request_params(self._settings, model, spec),
            style=spec.prompt.style,
            prefix_messages=prefix_messages,
            about=f"{suite.path}::{spec.name}",
            budgets=(suite.path,) if suite.budget_usd is not None else (),
            timeout_seconds=self._settings.timeout_seconds,
        )

    def estimate(
        self, suite: Suite, spec: StrategySpec, trials: Sequence[tuple[Case, int]], baseline: Baseline | None
    ) -> Estimate:
        """Return what answering *trials* (cases, with the trial's number) is expected to take; nothing is asked.

        Raises:
            PriceError: If the model's price is not known.
        """
        model = self.models.find(spec.model)
        renderer = PromptRenderer(spec.prompt, suite.labels)
        template = self._template(suite, spec, model, renderer.prefix_messages)
        questions = [(case.id, case.fields, number) for case, number in trials]
        if is_calibrated(spec) and trials:
            blank = trials[0][0].fields
            questions += [("", dict.fromkeys(blank, text), 1) for text in CONTENT_FREE]
        asked = []
        prices = prices_within_reach(model.endpoint.label, as_sent(template).params, self.models)
        for case_id, fields, number in questions:
            request = dataclasses.replace(template, messages=tuple(renderer.messages(fields)), trial=number)
            asked.append(Asked(case_id, request, prices))
        before = same_strategy(baseline, suite, spec, self.models)
        if self._mode not in ("auto", "replay"):
            return estimate(suite, spec, asked, before, None)
        store = DiskStore(self._settings.cache, warn=self._warn)
        try:
            return estimate(suite, spec, asked, before, store)
        finally:
            store.close()

    def _chain(self) -> Complete:
        if self._ask is None:
            makers = {LOCAL: self._local_provider, LITELLM: _litellm_provider}
            makers |= {name: functools.partial(_direct_provider, name) for name in DIRECT}
            self._provider = Dispatch(makers, self._choose_provider)
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

    def _choose_provider(self, request: Request) -> str:
        chosen = choose_provider(request, self.prices)
        return LITELLM if self._settings.transport == LITELLM and chosen != LOCAL else chosen

    def _local_provider(self) -> Provider:
        from pytest_llmcost.calls.providers.local import LocalProvider
        from pytest_llmcost.calls.weights.find import find_weights
        from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder

        folder = ModelFolder(models_folder())
        return LocalProvider(lambda name: find_weights(name, folder, self._settings.root))


def is_calibrated(spec: StrategySpec) -> bool:
    """Whether a strategy's labels are corrected for the model's bias; with another parse the word has no effect."""
    return spec.calibrate and spec.parse == "label"


def request_params(settings: Settings, model: Model, spec: StrategySpec) -> Mapping[str, object]:
    """Return what is sent along: the strategy's word over the model's, with a `max_tokens` always.

    A local model lists its tokens' probabilities for the asking; elsewhere they are asked
    for only where the strategy cannot do without, as not every provider has them.
    """
    params: dict[str, object] = {"max_tokens": settings.max_tokens, **model.params, **spec.params}
    if spec.parse == "label" and (spec.calibrate or model.endpoint.provider == LOCAL):
        params = {"logprobs": True, "top_logprobs": 20, **params}
    return params


def _direct_provider(name: str) -> Provider:
    from pytest_llmcost.calls.providers.direct.dialect import DIALECTS
    from pytest_llmcost.calls.providers.direct.provider import DirectProvider

    return DirectProvider(dialect=DIALECTS[name])


def _litellm_provider() -> Provider:
    from pytest_llmcost.calls.providers.remote.provider import LiteLLMProvider

    return LiteLLMProvider()
