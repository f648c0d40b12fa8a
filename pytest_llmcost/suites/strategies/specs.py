"""A strategy is what the suite says, but for what it says itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pytest_llmcost.domain.context import Context
from pytest_llmcost.domain.suite import Example, StrategySpec
from pytest_llmcost.suites.contexts import context_of
from pytest_llmcost.suites.gates import gate_of
from pytest_llmcost.suites.project import Project
from pytest_llmcost.suites.prompts import prompt_of
from pytest_llmcost.suites.schema.strategy import MODEL
from pytest_llmcost.suites.strategies.names import CONFIGURATION, SUITE, Names, Origin
from pytest_llmcost.suites.strategies.resolve import Resolver
from pytest_llmcost.suites.strategies.resolved import Resolved
from pytest_llmcost.suites.strategies.semantic import semantic_of
from pytest_llmcost.suites.tree.fields import Section, first_said
from pytest_llmcost.suites.tree.nodes import List, Map, Node
from pytest_llmcost.suites.tree.report import Report, shown

_Named = tuple[str, Node, Section, Origin]
"""A strategy as the suite names it: its name, where that stands, what is said of it, and whose it is."""

_NO_STRATEGY = (
    "there is no strategy: nobody to ask. Write here: strategies: {my-model: {model: openai/gpt-4o-mini}},\n"
    'or in the configuration: [tool.llmcost.defaults] strategies = ["openai/gpt-4o-mini"]'
)
VERIFYING = {"temperature": 0, "max_tokens": 8}
"""What a verifier is asked with where nobody says it: yes or no, and the same each time."""


class Strategies:
    """The strategies of a suite, with the files that they name; what is wrong with them is reported.

    Attributes:
        found: Those whose parts could all be told.
        sections: All that says something of how a case is asked.
        checking: All that says something of how an answer is checked.
    """

    def __init__(self, suite: Section, project: Project, report: Report) -> None:
        written = suite.get("strategies")
        names = Names(written if isinstance(written, dict) else {}, project, report)
        resolver = Resolver(names, suite)
        resolved = [resolver.resolve(*one) for one in _named(suite, names, report)]
        self.found = [one for one in resolved if one is not None]
        self.sections, self.checking = resolver.sections, resolver.checking

    def leaves(self) -> Iterator[Resolved]:
        """Yield all that ask a model about a case."""
        for one in self.found:
            yield from one.leaves()


def _named(suite: Section, names: Names, report: Report) -> Iterator[_Named]:
    written = suite.get("strategies")
    place = suite.at("strategies")
    if "strategies" not in suite:
        report.add(suite.node, _NO_STRATEGY)
    elif isinstance(place, List):
        yield from _from_list(written or [], place.items, names, report)
    elif isinstance(place, Map) and written:
        yield from ((name, place.entries[name][0], section, (SUITE, name)) for name, section in written.items())
    elif isinstance(place, Map) and not place.entries:
        report.add(place, "strategies is empty. Write: {my-model: {model: openai/gpt-4o-mini}}")


def _from_list(listed: Sequence[str], places: Sequence[Node], names: Names, report: Report) -> Iterator[_Named]:
    seen = set()
    for name, place in zip(listed, places, strict=False):
        if name in seen:
            report.add(place, f"strategy {shown(name)} is here twice. Keep one")
        elif name not in names.project.strategies:
            yield name, place, Section(place, {MODEL: name}), (SUITE, name)
        elif (section := names.configured(name)) is not None:
            yield name, place, section, (CONFIGURATION, name)
        seen.add(name)


def spec_of(one: Resolved, suite: Section, examples: tuple[Example, ...]) -> StrategySpec:
    """Return *one* with the suite's settings filled in, its parts likewise."""
    layers = (*one.layers, suite)
    parse, argument = _parse_of(first_said("parse", layers, "text"))
    parts = None if one.plan is None else one.plan.map(lambda part: replace(spec_of(part, suite, examples), gate=None))
    context = None if one.plan is not None else context_of(layers)
    spec = StrategySpec(
        name=one.name,
        model=one.model,
        prompt=prompt_of(layers, examples),
        params=_params_of(layers),
        parse=parse,
        parse_argument=argument,
        calibrate=first_said("calibrate", layers, False),
        gate=gate_of(suite.get("gate"), *(section.get("gate") for section in reversed(one.chain))),
        line=one.place.line,
        confidence=None if one.confidence is None else one.confidence.map(_verifier_of),
        plan=parts,
        policy=one.policy,
        context=context,
        compressor=None if one.compressor is None or context is None else _compressor_of(one.compressor, context),
        prefix_cache=first_said("prefix_cache", layers) == "auto",
    )
    return replace(spec, semantic=semantic_of(one.chain, spec))


def _verifier_of(one: Resolved) -> StrategySpec:
    """Return who checks an answer: nothing that the suite says of its questions holds for that one."""
    params = {**VERIFYING, **_params_of(one.chain)}
    return StrategySpec(one.name, one.model, prompt_of(one.chain, ()), params, "label", False, None, one.place.line)


def _compressor_of(one: Resolved, context: Context) -> StrategySpec:
    """Return who shortens what is looked up, to the length that the context says; of the suite nothing holds for it."""
    params = {"temperature": 0, **_params_of(one.chain), "max_tokens": context.compress_to}
    return StrategySpec(one.name, one.model, prompt_of(one.chain, ()), params, "text", False, None, one.place.line)


def _params_of(layers: tuple[Section, ...]) -> dict[str, Any]:
    params: dict[str, Any] = {}
    for section in reversed(layers):
        own = section.get("params")
        params |= own.values if own else {}
    response_format = first_said("response_format", layers, None)
    return params if response_format is None else {**params, "response_format": response_format}


def _parse_of(written: str | Section) -> tuple[str, str]:
    """Return the parser's name and its argument."""
    if isinstance(written, str):
        return written, ""
    ((name, argument),) = written.values.items()
    return name, argument
