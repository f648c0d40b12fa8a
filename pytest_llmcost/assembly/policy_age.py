"""A policy in a suite is gated as it runs in production; what it was learned from may have changed since."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.strategy_record import strategy_record
from pytest_llmcost.domain.policy import outdated
from pytest_llmcost.domain.suite import StrategySpec, Suite


def policy_notes(suite: Suite, spec: StrategySpec, models: Models) -> Iterator[str]:
    """Yield in what the policies of a strategy are older than the suite's other strategies, as they are now."""
    for policy in spec.policies():
        if policy.learned is not None:
            now = {suite.path: {one.name: strategy_record(suite, one, models) for one in suite.strategies}}
            yield from (f"{policy.path}: {what}. Learn it anew." for what in outdated(policy.learned, now))
