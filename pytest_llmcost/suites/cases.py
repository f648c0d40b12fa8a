"""A case has a name that outlives reordering, and a fingerprint that says whether it is still the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.suite import Case, Example, ScorerSpec
from pytest_llmcost.suites.contexts import sources_of
from pytest_llmcost.suites.project import Project
from pytest_llmcost.suites.quarantine import check_quarantine
from pytest_llmcost.suites.schema.case import CASE
from pytest_llmcost.suites.scoring.expected import Comparison, answers_of, in_order, values_of
from pytest_llmcost.suites.scoring.scorers import default_threshold, meant_by, needs_expected, read_scorers
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import Map, Node, Refused, Scalar, json_of
from pytest_llmcost.suites.tree.report import Report, shown

MOST_CHARACTERS = 200_000
"""Twice what a template may write; a larger case is a data set, not a question."""
_ID_DIGITS = 10
_FINGERPRINT_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Scoring:
    """What turns an answer into right or wrong: part of each case's fingerprint.

    Attributes:
        written_threshold: None where nobody says it, so that it follows from the scorer.
    """

    scorer: tuple[ScorerSpec, ...]
    written_threshold: float | None
    labels: tuple[str, ...]
    needs_expected: bool = field(init=False)
    comparison: Comparison = field(init=False)
    parts: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        # Reckoned once, not for every case.
        object.__setattr__(self, "needs_expected", needs_expected(self.scorer))
        object.__setattr__(self, "comparison", Comparison.of(self.scorer))
        object.__setattr__(self, "parts", self._parts())

    @property
    def threshold(self) -> float:
        """The score from which an answer counts as correct."""
        written = self.written_threshold
        return float(default_threshold(self.scorer) if written is None else written)

    def _parts(self) -> dict[str, Any]:
        """Return what is digested; labels are a set, so their order is none of it."""
        specs = [_digested(spec) for spec in self.scorer]
        scorer = specs[0] if len(specs) == 1 else specs
        return {"scorer": scorer, "threshold": self.threshold, "labels": sorted(self.labels)}


@dataclass(frozen=True, slots=True)
class Reading:
    """What all cases of a suite are read with."""

    scoring: Scoring
    repeats: int
    project: Project
    report: Report


def read_cases(sections: list[Section], reading: Reading) -> tuple[Case, ...]:
    """Return the cases, with ids and fingerprints; what is wrong with one goes to the report."""
    cases = tuple(_read_case(section, reading) for section in sections)
    first: dict[str, Section] = {}
    for case, section in zip(cases, sections, strict=True):
        twin = first.setdefault(case.id, section)
        if twin is not section:
            _report_twin(section, case, twin.node, reading.report)
    return cases


def read_examples(sections: list[Section]) -> tuple[Example, ...]:
    """Return the examples."""
    return tuple(Example(section.rest, "".join(map(_shown_answer, answers_of(section)))) for section in sections)


def _shown_answer(node: Node) -> str:
    return node.raw if isinstance(node, Scalar) else json.dumps(json_of(node), ensure_ascii=False)


def _read_case(section: Section, reading: Reading) -> Case:
    values, report = section.values, reading.report
    scoring = _scoring_of(section, reading)
    expected = values_of(answers_of(section), scoring.comparison, report)
    if scoring.needs_expected and "expected" not in section:
        CASE.tell_missing("expected", section, "case", report)
    judged = {"input": section.rest, "expected": in_order(expected), "scoring": scoring.parts}
    _check_size(section, report)
    own = scoring is not reading.scoring
    return Case(
        id=values.get("id") or digest(section.rest)[:_ID_DIGITS],
        fields=section.rest,
        expected=expected,
        fingerprint=digest(judged)[:_FINGERPRINT_DIGITS],
        tags=tuple(values.get("tags", ())),
        group=values.get("group"),
        must_pass=_must_pass(section, reading),
        strict=values.get("strict"),
        quarantine=_quarantine(section, reading),
        scorer=scoring.scorer if "scorer" in values else (),
        threshold=scoring.threshold if own and scoring.threshold != reading.scoring.threshold else None,
        meta=_meta_of(section),
        path=section.node.path or report.path,
        line=section.node.line,
        sources=sources_of(section),
    )


def _scoring_of(section: Section, reading: Reading) -> Scoring:
    values, ours = section.values, reading.scoring
    if "scorer" not in values and "threshold" not in values:
        return ours
    scorer = ours.scorer
    if "scorer" in values:
        written = values["scorer"]
        scorer = read_scorers(written, reading.project, reading.report) or meant_by(written)
    return Scoring(scorer, values.get("threshold", ours.written_threshold), ours.labels)


def _must_pass(section: Section, reading: Reading) -> bool | int:
    needed: bool | int = section.values.get("must_pass", False)
    if needed > reading.repeats:
        message = f"must_pass is {needed}, and repeats is {reading.repeats}. Raise that, or lower this"
        reading.report.add(section.at("must_pass"), message)
    return needed


def _quarantine(section: Section, reading: Reading) -> str:
    text: str = section.values.get("quarantine", "")
    if text:
        check_quarantine(text, section.at("quarantine"), reading.project.today, reading.report)
    return text


def _check_size(section: Section, report: Report) -> None:
    size = sum(len(value if isinstance(value, str) else str(value)) for value in section.rest.values())
    if size > MOST_CHARACTERS:
        report.add(section.node, f"the case has {size:,} characters: at most {MOST_CHARACTERS:,} are allowed")


def _digested(spec: ScorerSpec) -> Any:
    """Return what is digested of a scorer: its bare name where there is nothing else."""
    if spec == ScorerSpec(spec.name):
        return spec.name
    return {
        "name": spec.name,
        "options": dict(spec.options),
        "weight": spec.weight,
        "of": [_digested(inner) for inner in spec.of],
    }


def _meta_of(section: Section) -> Mapping[str, Any]:
    meta = section.get("meta")
    return meta.rest if meta else {}


def _report_twin(section: Section, case: Case, first: Node, report: Report) -> None:
    where = f"in {first.path}, line {first.line}" if first.path else f"in line {first.line}"
    if "id" in section:
        report.add(section.at("id"), f"id {shown(case.id)} is that of the case {where}, too. Give each its own")
    elif not _has_refused(section.node):
        report.add(section.node, f"this case asks the same as the one {where}. Drop it, or give it an id")


def _has_refused(node: Node) -> bool:
    """Whether a field is unreadable: then two cases only look the same."""
    return isinstance(node, Map) and any(isinstance(value, Refused) for _, value in node.entries.values())
