"""Templates and cases fit together: no variable without a field, no field without a use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.suites.fields import Section
from pytest_llmcost.suites.nodes import Node
from pytest_llmcost.suites.prompts import last_user
from pytest_llmcost.suites.report import Place, Report, nearest, shown
from pytest_llmcost.suites.schema import CASE
from pytest_llmcost.suites.templates import LABELS, Template, TemplateError, compile_template, is_field_name

_LONG_FIELD = 1_000


@dataclass(frozen=True, slots=True)
class _Written:
    """A template where it stands; `asks` if examples are rendered with it, too."""

    node: Node
    template: Template
    asks: bool


def check_variables(
    asking: list[Section], cases: list[Section], examples: list[Section], labels: list[str] | None, report: Report
) -> None:
    """Report what is wrong with templates, alone and together with the cases.

    A template that cannot be read, a variable that no case has, a field that no
    template reads, a case that does not render. Nothing is said twice: a misspelt
    field is one mistake, although it is unused and another one missing.

    Args:
        asking: The sections that may hold templates: the suite and its strategies.
        cases: The cases as read.
        examples: The examples as read.
        labels: The suite's labels, which are a variable, too.
        report: Takes the mistakes.
    """
    count = len(report)
    written = [each for section in asking for each in _compiled(section, report)]
    if len(report) > count or not written or not cases:
        return
    extra = {LABELS: labels} if labels else {}
    known = {name for case in cases for name in case.rest} | extra.keys()
    used = {name for each in written for name in each.template.variables}
    meant = _report_unknown(written, known, report)
    unused = _report_unused([*cases, *examples], used, meant, report)
    whole = [each for each in written if each.template.variables <= known]
    for what, solved, templates in (
        ("case", cases, whole),
        ("example", examples, [each for each in whole if each.asks]),
    ):
        trial = _Trial(what, templates, extra, {field: nearest(field, used) for field in unused}, report)
        for section in solved:
            trial.render(section)


def _compiled(section: Section, report: Report) -> Iterator[_Written]:
    for node, source, asks in _sources(section):
        try:
            yield _Written(node, compile_template(source), asks)
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


def _report_unknown(written: list[_Written], known: set[str], report: Report) -> set[str]:
    """Report variables that no case has; return the fields that seem to be meant."""
    meant = set()
    for each in written:
        for name in sorted(each.template.variables - known):
            field = nearest(name, known)
            meant |= {field} if field else set()
            advice = f" (did you mean {shown(field)}?)" if field else f". There are {', '.join(sorted(known)[:10])}"
            report.add(_place_of(name, each.node, report.source), f"unknown variable {shown(name)}{advice}")
    return meant


@dataclass(frozen=True, slots=True)
class _Spot:
    line: int
    column: int


def _place_of(name: str, node: Node, source: str) -> Place:
    """Return where a template reads *name* first; the template's own place where that cannot be told."""
    lines = source.split("\n")
    start = sum(len(line) + 1 for line in lines[: node.line - 1]) + node.column - 1
    found = re.compile(rf"\{{[{{%](?:(?![%}}]\}}).)*?\b{re.escape(name)}\b", re.DOTALL).search(source, start)
    if not found:
        return node
    at = found.end() - len(name)
    return _Spot(source.count("\n", 0, at) + 1, at - source.rfind("\n", 0, at))


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
            others = f"; {counts[field] - 1:,} more have it" if counts[field] > 1 else ""
            report.add(section.key_at(field), _about_unused(field, used) + others)
    return first.keys() - meant


def _stands_for_missing(field: str, section: Section) -> bool:
    """Whether a missing key is told already, with *field* as what seems to be a misspelling of it."""
    return any(key.is_required and name not in section and nearest(field, [name]) for name, key in CASE.keys.items())


def _about_unused(field: str, used: set[str]) -> str:
    if not is_field_name(field):
        return (
            f"field {shown(field)} can be no variable. Use letters, digits and _, and no word of the template language"
        )
    meant = nearest(field, {*used, *CASE.keys, *CASE.not_yet})
    if meant:
        return f"field {shown(field)} is read by no template (did you mean {shown(meant)}?)"
    return f"field {shown(field)} is read by no template. Use it as {{{{ {field} }}}}, or put it below meta:"


class _Trial:
    """Renders where it is not certain that rendering succeeds, and reports where it fails."""

    def __init__(
        self, what: str, templates: list[_Written], extra: dict[str, Any], typos: dict[str, str | None], report: Report
    ) -> None:
        self._what = what
        self._templates = templates
        self._extra = extra
        self._typos = typos
        self._report = report

    def render(self, section: Section) -> None:
        """Try all templates with one case."""
        fields = {**self._extra, **section.rest}
        told = {self._typos[field] for field in section.rest if field in self._typos}
        is_long = any(not isinstance(value, str) or len(value) > _LONG_FIELD for value in section.rest.values())
        for each in self._templates:
            if is_long or not each.template.is_plain or not each.template.variables <= fields.keys():
                self._try(each, fields, section, told)

    def _try(self, each: _Written, fields: dict[str, Any], section: Section, told: set[str | None]) -> None:
        try:
            each.template.render(fields)
        except TemplateError as error:
            where = f"the template in line {each.node.line}"
            if error.name is None:
                self._report.add(section.node, f"{where} fails for this {self._what}: {error}")
            elif error.name not in told:
                told.add(error.name)
                message = f"this {self._what} has no {shown(error.name)}, which {where} reads"
                self._report.add(section.node, message)
