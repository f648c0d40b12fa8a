"""A strategy is what the suite says, but for what it says itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.suite import Example, StrategySpec
from pytest_llmcost.suites.gates import gate_of
from pytest_llmcost.suites.prompts import prompt_of
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import List, Map, Node
from pytest_llmcost.suites.tree.report import Report, did_you_mean, shown


@dataclass(frozen=True, slots=True)
class Named:
    """A strategy as written: its name, where that stands, what it says, and who named it if not the suite."""

    name: str
    place: Node
    section: Section
    by: str = ""


def strategies_of(suite: Section, defaults: Sequence[str], models: Collection[str], report: Report) -> list[Named]:
    """Return the strategies that *suite* names, or else the configuration's *defaults*; models are checked."""
    named = list(_named(suite, defaults, report))
    for strategy in named:
        _check_model(strategy, models, report)
    return named


def _named(suite: Section, defaults: Sequence[str], report: Report) -> Iterator[Named]:
    written = suite.get("strategies")
    place = suite.at("strategies")
    if "strategies" in suite:
        if isinstance(place, List):
            yield from _from_names(written or [], place.items, report)
        elif isinstance(place, Map) and written:
            yield from (Named(name, place.entries[name][0], section) for name, section in written.items())
        elif isinstance(place, Map) and not place.entries:
            report.add(place, "strategies is empty. Write: {my-model: {model: openai/gpt-4o-mini}}")
    elif defaults:
        yield from _from_names(defaults, [suite.node] * len(defaults), report, by=" in the configuration's defaults")
    else:
        report.add(suite.node, _NO_STRATEGY)


_NO_STRATEGY = (
    "there is no strategy: nobody to ask. Write here: strategies: {my-model: {model: openai/gpt-4o-mini}},\n"
    'or in the configuration: [tool.llmcost.defaults] strategies = ["openai/gpt-4o-mini"]'
)


def _from_names(names: Sequence[str], places: Sequence[Node], report: Report, by: str = "") -> Iterator[Named]:
    seen = set()
    for name, place in zip(names, places, strict=False):
        if name in seen:
            report.add(place, f"strategy {shown(name)} is here twice{by}. Keep one")
        else:
            yield Named(name, place, Section(place, {"model": name}), by)
        seen.add(name)


def _check_model(strategy: Named, models: Collection[str], report: Report) -> None:
    model = strategy.section.get("model")
    if model is None or model in models:
        return
    place = strategy.section.at("model")
    provider, slash, rest = model.partition("/")
    if not slash:
        hint = did_you_mean(model, models) or ". Name it under [tool.llmcost.tiers], or write provider/model"
        report.add(place, f"unknown tier {shown(model)}{strategy.by}{hint}")
    elif not provider.strip() or not rest.strip():
        report.add(place, f"model {shown(model)}{strategy.by} lacks a half: provider/model is needed")


def spec_of(strategy: Named, suite: Section, examples: tuple[Example, ...]) -> StrategySpec:
    """Return *strategy* with the suite's settings filled in."""
    own = strategy.section
    params: dict[str, Any] = {}
    for section in (suite.get("params"), own.get("params")):
        params |= section.values if section else {}
    return StrategySpec(
        name=strategy.name,
        model=own.get("model", ""),
        prompt=prompt_of(own, suite, examples),
        params=params,
        parse=own.get("parse", suite.get("parse", "text")),
        calibrate=own.get("calibrate", suite.get("calibrate", False)),
        gate=gate_of(suite.get("gate"), own.get("gate")),
        line=strategy.place.line,
    )
