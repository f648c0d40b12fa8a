"""A policy, read in its project: names that nobody knows are refused, and what it is older than is said."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.assembly.extensions.found import installed_extensions
from pytest_llmcost.assembly.models import price_fields
from pytest_llmcost.assembly.root import find_root
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.settings import Settings, read_settings
from pytest_llmcost.assembly.strategy_record import strategy_record
from pytest_llmcost.domain.errors import PriceError, SettingsError, SuiteError
from pytest_llmcost.domain.policy import Learned, Policy, outdated
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.suites.policies import read_policy


class PolicyWarning(UserWarning):
    """A policy is older than the prices or prompts that it was learned from."""


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """A policy, and in what it is older than what it was learned from."""

    policy: Policy
    notes: tuple[str, ...]


def load_policy(path: Path, known: Collection[str] = ()) -> LoadedPolicy:
    """Return a policy; the nearest configuration above the file says which tiers there are, and what they cost now.

    Args:
        path: The file.
        known: Names that the application knows beside the configuration's.

    Raises:
        SuiteError: If the file is wrong, of a newer format, or names an unknown tier; all mistakes at once.
        SettingsError: If the configuration is wrong.
    """
    root = find_root(path.parent)
    settings = read_settings(root, os.environ)
    policy = read_policy(path, known={*known, *settings.tiers, *settings.models, *settings.strategies})
    return LoadedPolicy(policy, tuple(_age(policy.learned, settings, root)) if policy.learned else ())


def _age(learned: Learned, settings: Settings, root: Path) -> Iterator[str]:
    """Yield in what a policy is older than the project: by its suites where they are there, else by prices alone."""
    runner = Runner(
        settings, mode="replay", account=root / "unused", warn=lambda _: None, extensions=installed_extensions()
    )
    now: dict[str, dict[str, StrategyRecord]] = {}
    for suite, records in learned.strategies.items():
        try:
            found = _read(runner, root, suite)
        except (SuiteError, SettingsError) as error:
            found = {}
            yield f"{suite} cannot be read, so that its prompts are not compared ({str(error).splitlines()[0]})"
        now[suite] = {name: found.get(name) or _repriced(runner, record) for name, record in records.items()}
    yield from dict.fromkeys(outdated(learned, now))
    for tier, model in settings.tiers.items():
        before = {records[tier].model for records in learned.strategies.values() if tier in records}
        is_told = any(tier in records and records[tier].model == model for records in now.values())
        if before and model not in before and not is_told:
            yield f"tier {tier} is now {model}, and was {', '.join(sorted(before))} when the policy was learned"


def _read(runner: Runner, root: Path, suite: str) -> dict[str, StrategyRecord]:
    """Return the strategies of a suite as they are today; none where it is not there, as on a production machine."""
    if not (root / suite).is_file():
        return {}
    found = runner.read_suite(root / suite, root)
    return {spec.name: strategy_record(found, spec, runner.models) for spec in found.strategies}


def _repriced(runner: Runner, before: StrategyRecord) -> StrategyRecord:
    """Return a strategy as it was, at today's prices."""
    prices = {}
    for model in before.prices:
        try:
            prices[model] = price_fields(runner.models.price_of(model))
        except PriceError:
            prices[model] = {}
    return StrategyRecord(before.fingerprint, before.model, prices)
