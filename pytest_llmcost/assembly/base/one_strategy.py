"""`strategy:NAME`: what one strategy did in a run is the baseline of all others in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.gate.baseline import Baseline


def as_baselines(
    name: str, suites: Sequence[Suite], entries: Sequence[Entry]
) -> tuple[dict[str, Baseline | None], dict[str, str], list[str]]:
    """Return, by suite, a baseline in which each strategy did what *name* did; what is at fault; and what to note.

    Args:
        name: Of the strategy to compare with.
        suites: Of the run.
        entries: Of the strategies that were asked.
    """
    baselines: dict[str, Baseline | None] = {}
    lacking = []
    for suite in suites:
        own = [entry for entry in entries if entry.suite.path == suite.path]
        model = next((entry for entry in own if entry.spec.name == name), None)
        baselines[suite.path] = _repeated(model, [entry.spec.name for entry in own]) if model else None
        if own and model is None:
            lacking.append(suite.path)
    notes = [f"{path}: strategy '{name}' was not asked, so that nothing is compared with it" for path in lacking]
    if lacking and not any(baselines.values()):
        return baselines, dict.fromkeys(lacking[:1], f"no suite of this run asked a strategy '{name}'."), []
    return baselines, {}, notes


def _repeated(model: Entry, strategies: Sequence[str]) -> Baseline:
    return Baseline(
        model.suite.name,
        dict.fromkeys(strategies, model.record),
        tuple(dataclasses.replace(record, strategy=name) for name in strategies for record in model.records),
    )
