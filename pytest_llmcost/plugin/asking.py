"""Who asks for tests in Python: the run's own asking side, or without `--llm-budget` one that only replays."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from decimal import Decimal
from pathlib import Path

import pytest

from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.settings import read_settings
from pytest_llmcost.domain.errors import ExtensionError, SettingsError
from pytest_llmcost.domain.trial import Call
from pytest_llmcost.plugin.extending import extensions_of
from pytest_llmcost.plugin.python_tests import Llm, Wait, limits_of, spent_by

_KEY: pytest.StashKey[Asking] = pytest.StashKey()
_LLM: pytest.StashKey[Llm] = pytest.StashKey()


class SessionCosts:
    """What the session's finished tests in Python used, in this process; money in US dollars."""

    def __init__(self) -> None:
        self.calls_made: list[Call] = []

    @property
    def usd(self) -> float:
        """As if nothing were cached."""
        return spent_by(self.calls_made).usd

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return spent_by(self.calls_made).tokens

    @property
    def seconds(self) -> float:
        """The calls' latencies, added up."""
        return spent_by(self.calls_made).seconds

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return len(self.calls_made)

    @property
    def cached(self) -> int:
        """How many of them a cache answered."""
        return spent_by(self.calls_made).cached

    @property
    def saved_usd(self) -> float:
        """What these would have cost."""
        return spent_by(self.calls_made).saved_usd


class Asking:
    """The session's asking side, as the fixtures see it.

    Args:
        runner: Makes the calls.
        is_on: Whether `--llm-budget` allows them.
        wait: Returns what a future brings.
    """

    def __init__(self, runner: Runner, *, is_on: bool, wait: Wait = Future.result) -> None:
        self._runner = runner
        self._wait = wait
        self._is_on = is_on
        self.costs = SessionCosts()

    def begin(self, item: pytest.Item) -> Llm:
        """Return what a test asks with, its own budget opened."""
        limits = limits_of(item)
        try:
            default = self._runner.default_model(item.nodeid)
        except SettingsError as error:
            raise pytest.UsageError(str(error)) from error
        if limits.usd is not None:
            self._runner.add_budget(item.nodeid, Decimal(str(limits.usd)))
        item.stash[_LLM] = Llm(item, self._runner, self._is_on, default, limits, wait=self._wait)
        return item.stash[_LLM]

    def end(self, item: pytest.Item) -> None:
        """Take a test's calls into the session's totals."""
        self.costs.calls_made += item.stash[_LLM].calls


def asking_of(config: pytest.Config) -> Asking:
    """Return the session's asking side, made when the first test needs it."""
    if _KEY not in config.stash:
        config.stash[_KEY] = _replaying(config)
    return config.stash[_KEY]


def use(config: pytest.Config, runner: Runner, wait: Wait) -> None:
    """Let the fixtures ask through the run's own asking side."""
    config.stash[_KEY] = Asking(runner, is_on=True, wait=wait)


def llm_of(item: pytest.Item) -> Llm | None:
    """Return what a test asked with, or None where it did not ask."""
    return item.stash.get(_LLM, None)


def _replaying(config: pytest.Config) -> Asking:
    try:
        settings = read_settings(config.rootpath, os.environ)
        extensions = extensions_of(config)
    except (SettingsError, ExtensionError) as error:
        raise pytest.UsageError(str(error)) from error
    folder = Path(tempfile.mkdtemp(prefix="llmcost-"))
    account, warn = folder / "account.sqlite", _warner(config)
    runner = Runner(settings, mode="replay", account=account, warn=warn, extensions=extensions)
    runner.open_budgets(Decimal(0), [])

    def clean_up() -> None:
        runner.close()
        shutil.rmtree(folder, ignore_errors=True)

    config.add_cleanup(clean_up)
    return Asking(runner, is_on=False)


def _warner(config: pytest.Config) -> Callable[[str], None]:
    said: dict[str, None] = {}

    def show() -> None:
        # Not at once: it may come from the calls' own thread.
        terminal = config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            for text in said:
                terminal.write_line(f"llmcost: {text}")

    config.add_cleanup(show)
    return lambda text: said.update({text: None})
