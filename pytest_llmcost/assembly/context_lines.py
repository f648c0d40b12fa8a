"""What was looked up for a strategy's cases: how long it is, and whether it holds what was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_llmcost.assembly.notes import some
from pytest_llmcost.domain.context import Passage
from pytest_llmcost.domain.suite import StrategySpec, Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.reports.safe import visible

Found = Mapping[str, Sequence[Passage]]
"""The passages of each case."""


def context_lines(suite: Suite, spec: StrategySpec, trials: Sequence[Trial]) -> Iterator[str]:
    """Yield how much was looked up for a case and, where cases name their source, how often it was found.

    Recall at k, of a case: the share of its sources that are among its k passages; of a strategy:
    the mean over its cases. Whether the passage, or what is left of it, holds the answer is not looked at.
    """
    found = {trial.case: trial.passages for trial in trials if trial.passages is not None}
    if not found:
        return
    tokens = sum(passage.tokens for passages in found.values() for passage in passages) / len(found)
    count = sum(map(len, found.values())) / len(found)
    recalls = recalls_of(suite, found)
    yield f"context: about {tokens:,.0f} tokens a case, in {count:.1f} passages{_recall(spec, recalls)}"
    yield from _named("source not found for", [case for case, recall in recalls.items() if recall < 1])
    yield from _named("nothing was found for", [case for case in found if not found[case]])


def recalls_of(suite: Suite, found: Found) -> dict[str, float]:
    """Return the share of each case's sources that was found, 0..1; of cases that name any."""
    shares = {}
    for case in suite.cases:
        if case.sources and case.id in found:
            there = {passage.source for passage in found[case.id]}
            shares[case.id] = sum(source in there for source in case.sources) / len(case.sources)
    return shares


def _recall(spec: StrategySpec, recalls: Mapping[str, float]) -> str:
    if not recalls:
        return ""
    ks = {leaf.context.top_k for leaf in spec.leaves() if leaf.context is not None}
    at = f"@{min(ks)}" if len(ks) == 1 else ""
    return f"; recall{at} {sum(recalls.values()) / len(recalls):.1%} of {len(recalls)} cases"


def _named(what: str, cases: Sequence[str]) -> Iterator[str]:
    if cases:
        yield f"{what} {some([visible(case, 40) for case in cases])}"
