"""`--llm-estimate`: what the selected cases would take, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pytest_llmcost.calls.money import usd_text
from pytest_llmcost.domain.errors import BaselineError, PriceError
from pytest_llmcost.gate.baseline import Baseline
from pytest_llmcost.plugin.collection import CaseItem
from pytest_llmcost.reports.estimates import Estimate, render_estimates
from pytest_llmcost.reports.table import usd

if TYPE_CHECKING:
    from pytest_llmcost.plugin.active import ActivePlugin


def estimates_of(active: ActivePlugin, items: Sequence[pytest.Item]) -> list[Estimate]:
    """Return one estimate a strategy of the items that would run.

    Raises:
        pytest.UsageError: If a model's price is not known.
    """
    by_strategy: dict[tuple[str, str], list[CaseItem]] = defaultdict(list)
    for item in items:
        if isinstance(item, CaseItem):
            by_strategy[item.suite.path, item.spec.name].append(item)
    try:
        return [_estimate(active, cases) for cases in by_strategy.values()]
    except PriceError as error:
        raise pytest.UsageError(str(error)) from error


def _estimate(active: ActivePlugin, cases: Sequence[CaseItem]) -> Estimate:
    suite, spec = cases[0].suite, cases[0].spec
    trials = [(item.case, item.trial_number) for item in cases]
    return active.runner.estimate(suite, spec, trials, _baseline(active, suite.path))


def _baseline(active: ActivePlugin, suite: str) -> Baseline | None:
    try:
        return active.comparison.baseline_of(active.config.rootpath, suite)
    except BaselineError:
        return None  # (an estimate does without; a run says what is wrong with it)


def show_estimates(terminal: pytest.TerminalReporter, estimates: Sequence[Estimate], cap_usd: Decimal) -> None:
    """Write the table, the sums, and what the budget would say."""
    terminal.section("llmcost estimate: nothing was asked, no test was run", cyan=True)
    if estimates:
        terminal.write_line(render_estimates(estimates))
    known = [one.usd for one in estimates if one.usd is not None]
    worst = sum((one.worst_usd for one in estimates), Decimal(0))
    terminal.write_line("")
    unknown = " and what is unknown" if len(known) < len(estimates) else ""
    expected = usd(sum(known, Decimal(0)))
    terminal.write_line(f"expected ${expected}{unknown}, at worst ${usd(worst)}; the budget is {usd_text(cap_usd, 2)}")
