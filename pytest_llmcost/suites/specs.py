"""A strategy is what the suite says, but for what it says itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.suite import Example, StrategySpec
from pytest_llmcost.suites.defaults import table_of
from pytest_llmcost.suites.gates import gate_of
from pytest_llmcost.suites.project import Project
from pytest_llmcost.suites.prompts import load_files, prompt_of
from pytest_llmcost.suites.schema.suite import STRATEGY
from pytest_llmcost.suites.scoring.json_schemas import response_format_at
from pytest_llmcost.suites.scoring.patterns import check_pattern
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import List, Map, Node
from pytest_llmcost.suites.tree.report import Report, did_you_mean, shown
from pytest_llmcost.suites.tree.values import read_value


@dataclass(frozen=True, slots=True)
class Named:
    """A strategy as written: its name, where that stands, and what it says."""

    name: str
    place: Node
    section: Section


def strategies_of(suite: Section, project: Project, report: Report) -> list[Named]:
    """Return the strategies that *suite* names, with the files that they name; what is wrong with them is reported."""
    named = list(_named(suite, project, report))
    for strategy in named:
        _check_model(strategy, project, report)
        load_files(strategy.section, report)
        load_forms(strategy.section, report)
    return named


def load_forms(section: Section, report: Report) -> None:
    """Put the request's own form in the place of `response_format`, and check `parse`."""
    if "response_format" in section.values:
        section.values["response_format"] = response_format_at(section.at("response_format"), report)
    parse = section.get("parse")
    if isinstance(parse, Section):
        _check_parse(parse, report)


def _named(suite: Section, project: Project, report: Report) -> Iterator[Named]:
    written = suite.get("strategies")
    place = suite.at("strategies")
    if "strategies" not in suite:
        report.add(suite.node, _NO_STRATEGY)
    elif isinstance(place, List):
        yield from _from_names(written or [], place.items, project, report)
    elif isinstance(place, Map) and written:
        yield from (Named(name, place.entries[name][0], section) for name, section in written.items())
    elif isinstance(place, Map) and not place.entries:
        report.add(place, "strategies is empty. Write: {my-model: {model: openai/gpt-4o-mini}}")


_NO_STRATEGY = (
    "there is no strategy: nobody to ask. Write here: strategies: {my-model: {model: openai/gpt-4o-mini}},\n"
    'or in the configuration: [tool.llmcost.defaults] strategies = ["openai/gpt-4o-mini"]'
)


def _from_names(names: Sequence[str], places: Sequence[Node], project: Project, report: Report) -> Iterator[Named]:
    seen = set()
    for name, place in zip(names, places, strict=False):
        if name in seen:
            report.add(place, f"strategy {shown(name)} is here twice. Keep one")
        else:
            yield Named(name, place, _section_of(name, place, project, report))
        seen.add(name)


def _section_of(name: str, place: Node, project: Project, report: Report) -> Section:
    """Return what the configuration says of a strategy, or else asks the model of that name."""
    described = project.strategies.get(name)
    if described is None:
        return Section(place, {"model": name})
    tree = table_of(described, ("strategies", name), project, report)
    section: Section = read_value(STRATEGY, tree, f"strategy {shown(name)}", report)
    return section


def _check_model(strategy: Named, project: Project, report: Report) -> None:
    model = strategy.section.get("model")
    if model is None or model in project.models:
        return
    place = strategy.section.at("model")
    provider, slash, rest = model.partition("/")
    if not slash:
        report.add(place, f"unknown tier {shown(model)}{_about_tier(model, project)}")
    elif not provider.strip() or not rest.strip():
        report.add(place, f"model {shown(model)} lacks a half: provider/model is needed")


def _about_tier(name: str, project: Project) -> str:
    if name in project.strategies:
        return ": it is a strategy of the configuration. Name it in a list, strategies: [...]"
    known = {*project.models, *project.strategies}
    return did_you_mean(name, known) or ". Name it under [tool.llmcost.tiers], or write provider/model"


def _check_parse(parse: Section, report: Report) -> None:
    if len(parse.entries) != 1:
        report.add(parse.node, "parse takes one of {json: field} and {regex: pattern}")
    elif "regex" in parse.values:
        check_pattern(parse.get("regex"), parse.at("regex"), report)


def _parse_of(written: str | Section) -> tuple[str, str]:
    """Return the parser's name and its argument."""
    if isinstance(written, str):
        return written, ""
    ((name, argument),) = written.values.items()
    return name, argument


def spec_of(strategy: Named, suite: Section, examples: tuple[Example, ...]) -> StrategySpec:
    """Return *strategy* with the suite's settings filled in."""
    own = strategy.section
    params: dict[str, Any] = {}
    for section in (suite.get("params"), own.get("params")):
        params |= section.values if section else {}
    response_format = own.get("response_format", suite.get("response_format"))
    if response_format is not None:
        params["response_format"] = response_format
    parse, argument = _parse_of(own.get("parse", suite.get("parse", "text")))
    return StrategySpec(
        name=strategy.name,
        model=own.get("model", ""),
        prompt=prompt_of(own, suite, examples),
        params=params,
        parse=parse,
        parse_argument=argument,
        calibrate=own.get("calibrate", suite.get("calibrate", False)),
        gate=gate_of(suite.get("gate"), own.get("gate")),
        line=strategy.place.line,
    )
