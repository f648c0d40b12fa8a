"""A policy in production: which way a request goes, in microseconds, by the file that was reviewed and gated."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_llmcost.assembly.extensions.found import installed_extensions
from pytest_llmcost.assembly.models import price_fields
from pytest_llmcost.assembly.root import find_root
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.settings import Settings, read_settings
from pytest_llmcost.assembly.summing import strategy_record
from pytest_llmcost.domain.errors import PriceError, SettingsError, SuiteError
from pytest_llmcost.domain.policy import Learned, Policy, Way, outdated
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.suites.policies import read_policy


class PolicyWarning(UserWarning):
    """A policy is older than the prices or prompts that it was learned from."""


class Router:
    """Picks the way that a request goes; asks nobody.

    Args:
        policy: The rules.
        notes: In what the policy is older than what it was learned from.
    """

    def __init__(self, policy: Policy, notes: Sequence[str] = ()) -> None:
        self.policy = policy
        self.notes = tuple(notes)

    @classmethod
    def from_policy(cls, path: str | Path, *, known: Collection[str] = ()) -> Router:
        """Return the router of a policy file; what it is older than is in `notes`, and warned of.

        The nearest configuration above the file says which tiers there are, and what they cost now.

        Args:
            path: As `llmcost route learn` and `llmcost cascade calibrate` write it.
            known: Names that the application knows beside the configuration's.

        Raises:
            SuiteError: If the file is wrong, of a newer format, or names an unknown tier; all mistakes at once.
            SettingsError: If the configuration is wrong.
        """
        file = Path(path)
        root = find_root(file.parent)
        settings = read_settings(root, os.environ)
        policy = read_policy(file, known={*known, *settings.tiers, *settings.models, *settings.strategies})
        notes = list(_age(policy.learned, settings, root)) if policy.learned else []
        for note in notes:
            warnings.warn(f"{path}: {note}. Learn it anew.", PolicyWarning, stacklevel=2)
        return cls(policy, notes)

    def choose(self, request: Mapping[str, Any] | None = None, /, **fields: Any) -> Way:
        """Return the steps that a request goes, the first first, given its fields.

        A single step is simply asked. Of several, each but the last has an `accept`: its answer is taken where its
        confidence is not below that, else the next step is asked.
        """
        return self.policy.choose({**request, **fields} if request else fields)


def _age(learned: Learned, settings: Settings, root: Path) -> Iterator[str]:
    """Yield in what a policy is older than the project: by its suites where they are there, else by prices alone."""
    runner = Runner(
        settings, mode="replay", account=root / "unused", warn=lambda _: None, extensions=installed_extensions()
    )
    now: dict[str, dict[str, StrategyRecord]] = {}
    for suite, records in learned.strategies.items():
        found = _read(runner, root, suite)
        now[suite] = {name: found.get(name) or _repriced(runner, record) for name, record in records.items()}
    yield from dict.fromkeys(outdated(learned, now))
    for tier, model in settings.tiers.items():
        before = {records[tier].model for records in learned.strategies.values() if tier in records}
        if before and model not in before and not any(tier in found for found in now.values()):
            yield f"tier {tier} is now {model}, and was {', '.join(sorted(before))} when the policy was learned"


def _read(runner: Runner, root: Path, suite: str) -> dict[str, StrategyRecord]:
    """Return the strategies of a suite as they are today; none where it is not there, as on a production machine."""
    if not (root / suite).is_file():
        return {}
    try:
        found = runner.read_suite(root / suite, root)
    except (SuiteError, SettingsError):
        return {}
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
