"""A strategy without a suite: code describes it as a suite would, and asks it what it likes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_llmcost.domain.suite import StrategySpec
from pytest_llmcost.suites.project import Project
from pytest_llmcost.suites.schema.suite import SUITE
from pytest_llmcost.suites.strategies.specs import Strategies, spec_of
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import Map
from pytest_llmcost.suites.tree.plain import BadData, node_of
from pytest_llmcost.suites.tree.report import Report, Spot
from pytest_llmcost.suites.tree.values import INVALID, read_value


def read_alone(name: str, described: Any, *, labels: Sequence[str] = (), project: Project) -> StrategySpec:
    """Return a strategy.

    Args:
        name: What it is called.
        described: As under a name in a suite's `strategies`, or the name of a strategy, tier or model.
        labels: The closed set of answers; the answers are parsed as labels then.
        project: The tiers, models and strategies that it may name.

    Raises:
        SuiteError: If anything is wrong, with all mistakes; none of them has a place.
    """
    report = Report(name)
    strategy = dict(described) if isinstance(described, Mapping) else {"use": described}
    settings: dict[str, Any] = {"strategies": {name: strategy}, "cases": [{"expected": "-"}]}
    if labels:
        settings |= {"labels": list(labels), "parse": "label"}
    try:
        tree = node_of(settings, Spot(1, 1))
    except BadData as error:
        report.fail(1, 1, str(error))
    assert isinstance(tree, Map)
    section = read_value(SUITE, tree, name, report)
    report.raise_if_any()
    assert section is not INVALID
    read: Section = section
    strategies = Strategies(read, project, report)
    report.raise_if_any()
    (one,) = strategies.found
    spec = spec_of(one, read, ())
    if not labels and any(leaf.parse == "label" for leaf in _answering(spec)):
        report.fail(1, 1, "parse: label needs the labels. Give them: labels=[one, other]")
    return spec


def _answering(spec: StrategySpec) -> Iterator[StrategySpec]:
    """Yield all parts that answer; a verifier has labels of its own."""
    if spec.plan is None:
        yield spec
    for part in spec.plan.parts() if spec.plan is not None else ():
        yield from _answering(part)
