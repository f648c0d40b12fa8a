"""Templates and cases fit together: no variable without a field, no field without a use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.suites.prompts import last_user
from pytest_llmcost.suites.schema.case import CASE
from pytest_llmcost.suites.templates import Template, TemplateError, compile_template, is_field_name, variables_of
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import Node
from pytest_llmcost.suites.tree.report import Place, Report, Spot, nearest, shown

_LONG_FIELD = 1_000
_FARTHEST = 20_000


@dataclass(frozen=True, slots=True)
class _Written:
    """A template where it stands; `asks` if examples are rendered with it, too."""

    node: Node
    source: str
    template: Template
    asks: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What there is beside the fields of a case.

    Attributes:
        variables: The suite's own, which no field may be called.
        unread: Columns of data files that no template reads.
        coded: Fields that a scorer may read: one that is code reads what it likes.
    """

    variables: Mapping[str, Any]
    unread: Collection[str] = ()
    coded: Collection[str] = ()


def variables_read(asking: list[Section]) -> set[str] | None:
    """Return the variables that the templates in *asking* read, or None where one of them cannot be read."""
    try:
        sources = [source for section in asking for _, source, _ in _sources(section)]
        return {name for source in sources for name in variables_of(source)} if all(map(_is_whole, asking)) else None
    except TemplateError:
        return None


def check_variables(
    asking: list[Section], cases: list[Section], examples: list[Section], beside: Beside, report: Report
) -> None:
    """Report what is wrong with templates, alone and together with the cases.

    A template that cannot be read, a variable that no case has, a field that no
    template reads, a case that does not render. Nothing is said twice: a misspelt
    field is one mistake, although it is unused and another one missing.

    Args:
        asking: The sections that may hold templates: the suite and its strategies.
        cases: The cases as read.
        examples: The examples as read.
        beside: What there is beside the fields.
        report: Takes the mistakes.
    """
    count, extra = len(report), beside.variables
    written = [each for section in asking for each in _compiled(section, report)]
    is_whole = len(report) == count and all(map(_is_whole, asking))
    if not written or not cases:
        return
    _report_hidden([*cases, *examples], extra, report)
    known = {name for case in cases for name in case.rest} | extra.keys()
    used = {name for each in written for name in each.template.variables}
    meant = _report_unknown(written, known, beside.unread, report)
    unused = _report_unused([*cases, *examples], {*used, *extra, *beside.coded}, meant, report) if is_whole else set()
    good = [each for each in written if each.template.variables <= known]
    asking_ones = [each for each in good if each.asks]
    for what, solved, templates in (("case", cases, good), ("example", examples, asking_ones)):
        trial = _Trial(what, templates, extra, {field: nearest(field, used) for field in unused}, report)
        for section in solved:
            trial.render(section)


def _compiled(section: Section, report: Report) -> Iterator[_Written]:
    for node, source, asks in _sources(section):
        try:
            yield _Written(node, source, compile_template(source), asks)
        except TemplateError as error:
            report.add(node, str(error))


def _sources(section: Section) -> Iterator[tuple[Node, str, bool]]:
    for key in ("system", "prompt"):
        if section.get(key) is not None:
            yield section.at(key), section.get(key), key == "prompt"
    messages = section.get("messages", [])
    question = last_user(messages)
    for index, message in enumerate(messages):
        content = message.get("content", [])
        parts = content if isinstance(content, list) else []
        if isinstance(content, str):
            yield message.at("content"), content, index == question
        yield from ((part.at("text"), part.get("text", ""), index == question) for part in parts)


def _is_whole(section: Section) -> bool:
    """Whether all templates of *section* could be read, so that what they do not use is not used."""
    messages = section.get("messages", [])
    contents = [message.get("content") for message in messages]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    asking = ("system", "system_file", "prompt", "prompt_file", "messages")
    wrong = [key for key in asking if key in section and section.get(key) is None]
    return not wrong and None not in contents and all(part.get("text") is not None for part in parts)


def _report_unknown(written: list[_Written], known: set[str], unread: Collection[str], report: Report) -> set[str]:
    """Report variables that no case has; return the fields that seem to be meant."""
    meant = set()
    for each in written:
        for name in sorted(each.template.variables - known):
            field = nearest(name, {*known, *unread})
            meant |= {field} if field else set()
            there_are = ", ".join(map(shown, sorted({*known, *unread})[:10]))
            advice = f" (did you mean {shown(field)}?)" if field else f". There are {there_are}"
            report.add(_place_of(name, each, report.source), f"unknown variable {shown(name)}{advice}")
    return meant


def _place_of(name: str, written: _Written, source: str) -> Place:
    """Return where a template reads *name* first; the template's own place where that cannot be told."""
    node = written.node
    text = written.source if node.path else source  # (a prompt's file is the template)
    lines = text.split("\n", node.line)[: node.line - 1]
    start = sum(len(line) + 1 for line in lines) + node.column - 1
    read = re.compile(rf"\{{[{{%](?:(?![%}}]\}}).){{0,200}}?\b{re.escape(name)}\b", re.DOTALL)
    found = read.search(text, start, start + _FARTHEST)
    if not found:
        return node
    at = found.end() - len(name)
    return Spot(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), node.path)


def _report_hidden(solved: list[Section], extra: Mapping[str, Any], report: Report) -> None:
    for name in extra:
        first = next((section for section in solved if name in section.rest), None)
        if first:
            report.add(first.key_at(name), f"field {shown(name)} hides the suite's own variable. Rename it")


def _report_unused(solved: list[Section], used: set[str], meant: set[str], report: Report) -> set[str]:
    """Report, once each, fields that no template reads; return them."""
    first: dict[str, Section] = {}
    counts: dict[str, int] = {}
    for section in solved:
        for field in section.rest.keys() - used:
            first.setdefault(field, section)
            counts[field] = counts.get(field, 0) + 1
    for field, section in first.items():
        if field not in meant and not _stands_for_missing(field, section):
            others = f"; {counts[field]:,} have it" if counts[field] > 1 else ""
            report.add(section.key_at(field), _about_unused(field, used) + others)
    return first.keys() - meant


def _stands_for_missing(field: str, section: Section) -> bool:
    """Whether a missing key is told already, with *field* as what seems to be a misspelling of it."""
    return "expected" not in section and bool(nearest(field, ["expected"]))


def _about_unused(field: str, used: set[str]) -> str:
    if not is_field_name(field):
        return f"field {shown(field)} can be no variable. Use letters, digits and _, and no word of templates"
    meant = nearest(field, {*used, *CASE.keys, *CASE.not_yet})
    if meant:
        return f"field {shown(field)} is read by no template (did you mean {shown(meant)}?)"
    return f"field {shown(field)} is read by no template. Use it in one, or put it below meta"


@dataclass(frozen=True, slots=True)
class _Trial:
    """Renders where it is not certain that rendering succeeds, and reports where it fails.

    Attributes:
        what: What is rendered, for messages.
        typos: Fields that no template reads, and the variable that each seems to mean.
    """

    what: str
    templates: list[_Written]
    extra: Mapping[str, Any]
    typos: dict[str, str | None]
    report: Report

    def render(self, section: Section) -> None:
        """Try all templates with one case."""
        fields = {**self.extra, **section.rest}
        told = {self.typos[field] for field in section.rest if field in self.typos}
        is_long = any(not isinstance(value, str) or len(value) > _LONG_FIELD for value in section.rest.values())
        for each in self.templates:
            if is_long or not each.template.is_plain or not each.template.variables <= fields.keys():
                self._try(each, fields, section, told)

    def _try(self, each: _Written, fields: dict[str, Any], section: Section, told: set[str | None]) -> None:
        try:
            each.template.render(fields)
        except TemplateError as error:
            where = f"the template in {each.node.path or f'line {each.node.line}'}"
            if error.name is None:
                self.report.add(section.node, f"{where} fails for this {self.what}: {error}")
            elif error.name not in told:
                told.add(error.name)
                message = f"this {self.what} has no {shown(error.name)}, which {where} reads"
                self.report.add(section.node, message)
