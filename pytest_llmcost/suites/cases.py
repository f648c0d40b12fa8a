"""A case has a name that outlives reordering, and a fingerprint that says whether it is still the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.suite import Case, Example
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import Map, Node, Refused
from pytest_llmcost.suites.tree.report import Report, shown

MOST_CHARACTERS = 200_000
"""Twice what a template may write; a larger case is a data set, not a question."""
_ID_DIGITS = 10
_FINGERPRINT_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Scoring:
    """What turns an answer into right or wrong: part of each case's fingerprint."""

    scorer: str
    threshold: float
    labels: tuple[str, ...]

    def parts(self) -> dict[str, Any]:
        """Return what is digested; labels are a set, so their order is none of it."""
        return {"scorer": self.scorer, "threshold": float(self.threshold), "labels": sorted(self.labels)}


def expected_of(section: Section) -> tuple[str, ...]:
    """Return the right answers of a case or example, empty where they are missing or wrong."""
    expected = section.get("expected", ())
    return (expected,) if isinstance(expected, str) else tuple(expected)


def read_cases(sections: list[Section], scoring: Scoring, report: Report) -> tuple[Case, ...]:
    """Return the cases, with ids and fingerprints; what is wrong with one goes to the report."""
    parts = scoring.parts()
    cases = tuple(_read_case(section, parts, report) for section in sections)
    lines: dict[str, int] = {}
    for case, section in zip(cases, sections, strict=True):
        if case.id in lines:
            _report_twin(section, case, lines[case.id], report)
        lines.setdefault(case.id, case.line)
    return cases


def read_examples(sections: list[Section]) -> tuple[Example, ...]:
    """Return the examples."""
    return tuple(Example(section.rest, section.get("expected", "")) for section in sections)


def _read_case(section: Section, scoring: Mapping[str, Any], report: Report) -> Case:
    expected = expected_of(section)
    judged = {"input": section.rest, "expected": sorted(expected), "scoring": scoring}
    size = sum(len(value if isinstance(value, str) else str(value)) for value in section.rest.values())
    if size > MOST_CHARACTERS:
        report.add(section.node, f"the case has {size:,} characters: at most {MOST_CHARACTERS:,} are allowed")
    return Case(
        id=section.get("id") or digest(section.rest)[:_ID_DIGITS],
        fields=section.rest,
        expected=expected,
        fingerprint=digest(judged)[:_FINGERPRINT_DIGITS],
        tags=tuple(section.get("tags", ())),
        meta=_meta_of(section),
        path=report.path,
        line=section.node.line,
    )


def _meta_of(section: Section) -> Mapping[str, Any]:
    meta = section.get("meta")
    return meta.rest if meta else {}


def _report_twin(section: Section, case: Case, line: int, report: Report) -> None:
    if "id" in section:
        report.add(section.at("id"), f"id {shown(case.id)} is that of the case in line {line}, too. Give each its own")
    elif not _has_refused(section.node):
        report.add(section.node, f"this case asks the same as the one in line {line}. Drop it, or give it an id")


def _has_refused(node: Node) -> bool:
    """Whether a field is unreadable: then two cases only look the same."""
    return isinstance(node, Map) and any(isinstance(value, Refused) for _, value in node.entries.values())
