"""A suite too small for its margin is told so: at collection before it costs anything, and where a verdict lacks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_llmcost.assembly.judging import JudgedRun
from pytest_llmcost.assembly.summing import groups_of
from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.gate.quality import unprovable


def too_small(suites: Iterable[Suite]) -> Iterator[str]:
    """Yield a line on every suite and margin that its cases can never prove."""
    for suite in suites:
        groups = list(groups_of(suite).values())
        margins = {spec.gate.quality.margin for spec in suite.strategies if spec.gate is not None}
        for margin in sorted(margins if groups else ()):  # (all cases may be in quarantine)
            if said := unprovable(groups, margin):
                yield f"{suite.path}: {said}"


def too_small_to_tell(run: JudgedRun) -> Iterator[str]:
    """Yield the same of the suites of a run that have no verdict on quality yet, or one that cannot tell."""
    unsure = {
        v.suite for v in run.verdicts if v.metric == "quality" and v.outcome in (Outcome.NEW, Outcome.INCONCLUSIVE)
    }
    yield from too_small(suite for suite in run.suites if suite.path in unsure)
