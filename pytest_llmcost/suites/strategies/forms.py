"""What is asked for in a form of its own: the request's format, and how the reply is parsed."""

from __future__ import annotations

from pytest_llmcost.suites.scoring.json_schemas import response_format_at
from pytest_llmcost.suites.scoring.patterns import check_pattern
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.report import Report


def load_forms(section: Section, report: Report) -> None:
    """Put the request's own form in the place of `response_format`, and check `parse`."""
    if "response_format" in section.values:
        section.values["response_format"] = response_format_at(section.at("response_format"), report)
    parse = section.get("parse")
    if isinstance(parse, Section):
        _check_parse(parse, report)


def _check_parse(parse: Section, report: Report) -> None:
    if len(parse.entries) != 1:
        report.add(parse.node, "parse takes one of {json: field} and {regex: pattern}")
    elif "regex" in parse.values:
        check_pattern(parse.get("regex"), parse.at("regex"), report)
