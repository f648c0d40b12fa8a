"""A case has a name that outlives reordering, and a fingerprint that says whether it is still the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.digest import canonical_json, digest
from pytest_llmcost.domain.suite import Case, Example
from pytest_llmcost.suites.fields import Section
from pytest_llmcost.suites.report import Report, shown

MOST_INPUT_CHARACTERS = 200_000
"""Twice what a template may write; a larger case is a data set, not a question."""
_ID_DIGITS = 10
_FINGERPRINT_DIGITS = 12
_PYTEST_MARKERS = frozenset({"skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings"})


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
    lines: dict[str, int] = {}
    return tuple(_read_case(section, scoring.parts(), lines, report) for section in sections)


def read_examples(sections: list[Section]) -> tuple[Example, ...]:
    """Return the examples."""
    return tuple(Example(section.rest, section.get("expected", "")) for section in sections)


def _read_case(section: Section, scoring: Mapping[str, Any], lines: dict[str, int], report: Report) -> Case:
    expected = expected_of(section)
    asked = {"input": section.rest, "expected": sorted(expected), "scoring": scoring}
    size = len(canonical_json(section.rest))
    if size > MOST_INPUT_CHARACTERS:
        report.add(section.node, f"the case has {size:,} characters: at most {MOST_INPUT_CHARACTERS:,} are allowed")
    for problem in _about_tags(section):
        report.add(section.at("tags"), problem)
    case = Case(
        id=section.get("id") or digest(section.rest)[:_ID_DIGITS],
        fields=section.rest,
        expected=expected,
        fingerprint=digest(asked)[:_FINGERPRINT_DIGITS],
        tags=tuple(section.get("tags", ())),
        meta=_meta_of(section),
        path=report.path,
        line=section.node.line,
    )
    if case.id in lines:
        _report_twin(section, case, lines[case.id], report)
    lines.setdefault(case.id, case.line)
    return case


def _meta_of(section: Section) -> Mapping[str, Any]:
    meta = section.get("meta")
    return meta.rest if isinstance(meta, Section) else {}


def _about_tags(section: Section) -> Iterator[str]:
    for tag in section.get("tags", ()):
        if tag in _PYTEST_MARKERS:
            yield f"tag {shown(tag)} is a marker of pytest: it would change how the case is reported. Rename it"


def _report_twin(section: Section, case: Case, line: int, report: Report) -> None:
    if "id" in section:
        report.add(section.at("id"), f"id {shown(case.id)} is that of the case in line {line}, too. Give each its own")
    else:
        report.add(section.node, f"this case asks the same as the one in line {line}. Drop it, or give it an id")
