"""What a run did not look at is said: silence would pass for a pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.gate.baseline import Baseline


def left_out(
    suites: Sequence[Suite], entries: Sequence[Entry], baselines: Mapping[str, Baseline | None]
) -> Iterator[str]:
    """Yield a line on every suite and strategy of which no case was selected, and on strategies that are gone."""
    for suite in suites:
        asked = {entry.spec.name for entry in entries if entry.suite.path == suite.path}
        here = [spec.name for spec in suite.strategies]
        unasked = [name for name in here if name not in asked]
        if not asked:
            yield f"{suite.path}: no case was selected, so that there is no verdict"
        elif unasked:
            yield f"{suite.path}: not asked, and not judged: {', '.join(unasked)}"
        yield from _gone(suite, baselines.get(suite.path))


def _gone(suite: Suite, baseline: Baseline | None) -> Iterator[str]:
    here = {spec.name for spec in suite.strategies}
    for name in baseline.strategies if baseline else ():
        if name not in here:
            cases = len(baseline.of(name)) if baseline else 0
            yield f"{suite.path}: strategy '{name}' is in the baseline ({cases} cases) and no longer in the suite"
