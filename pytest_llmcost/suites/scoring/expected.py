"""What is right: text as it is written, unless the scorer compares numbers or JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.digest import canonical_json
from pytest_llmcost.domain.suite import ScorerSpec
from pytest_llmcost.suites.scoring.patterns import check_pattern
from pytest_llmcost.suites.scoring.scorers import has
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import Map, Node, Scalar, json_of
from pytest_llmcost.suites.tree.plain import BadData, decoded, node_of
from pytest_llmcost.suites.tree.report import Report, Spot, shown

_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_TEXT_SCORERS = ("exact", "label", "numeric", "f1", "levenshtein", "contains", "starts_with", "regex")


def answers_of(section: Section) -> list[Node]:
    """Return the right answers of a case or example where they stand; none where they are missing or wrong."""
    written = section.values.get("expected")
    return written if isinstance(written, list) else [] if written is None else [written]


def texts_of(section: Section) -> tuple[str, ...]:
    """Return the right answers that are texts."""
    return tuple(node.raw for node in answers_of(section) if isinstance(node, Scalar))


@dataclass(frozen=True, slots=True)
class Comparison:
    """How scorers compare what is right."""

    is_json: bool
    is_text: bool
    is_numeric: bool
    is_pattern: bool
    by: str

    @classmethod
    def of(cls, specs: Sequence[ScorerSpec]) -> Comparison:
        """Return how *specs* compare."""
        return cls(
            is_json=has(specs, "json_fields"),
            is_text=has(specs, *_TEXT_SCORERS),
            is_numeric=has(specs, "numeric"),
            is_pattern=any(spec.name == "regex" and not spec.options for spec in specs),
            by=specs[0].name,
        )


def values_of(nodes: Sequence[Node], comparison: Comparison, report: Report) -> tuple[Any, ...]:
    """Return the right answers as the scorers compare them; what cannot be compared is reported."""
    if comparison.is_json:
        return tuple(value for node in nodes if (value := _object_of(node, report)) is not None)
    for node in nodes:
        _check_text(node, comparison, report)
    return tuple([node.raw if isinstance(node, Scalar) else json_of(node) for node in nodes])


def in_order(values: Sequence[Any]) -> list[Any]:
    """Return right answers in an order that does not depend on how they are listed."""
    return sorted(values) if all(isinstance(value, str) for value in values) else sorted(values, key=canonical_json)


def _object_of(node: Node, report: Report) -> dict[str, Any] | None:
    """Return a mapping, also one that is written as JSON in a text: a cell of a table has no other way."""
    if isinstance(node, Scalar) and node.raw.lstrip().startswith("{"):
        try:
            value, end = decoded(node.raw)
            tree = node_of(value, Spot(node.line, node.column, node.path))
        except BadData as error:
            report.add(node, f"expected {shown(node.raw)}: {error}")
            return None
        node = node if node.raw[end:].strip() else tree
    if isinstance(node, Map) and node.entries:
        return dict(json_of(node))
    if isinstance(node, Map):
        report.add(node, "expected has no field: json_fields needs one or more, {name: value}")
    elif isinstance(node, Scalar):
        report.add(node, f"expected is {shown(node.raw)}: json_fields needs a mapping of fields, {{name: value}}")
    return None


def _check_text(node: Node, comparison: Comparison, report: Report) -> None:
    if not isinstance(node, Scalar):
        if comparison.is_text:
            report.add(node, f"expected is a mapping: scorer {comparison.by} compares text")
    elif comparison.is_numeric:
        if not _NUMBER.fullmatch(node.raw.strip()):
            report.add(node, f"expected is {shown(node.raw)}: scorer numeric needs a number, such as 12.5")
    elif comparison.is_pattern:
        check_pattern(node.raw, node, report)
