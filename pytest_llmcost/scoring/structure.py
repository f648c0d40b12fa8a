"""Right or wrong by the structure of a JSON answer."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_llmcost.domain.errors import ScorerError
from pytest_llmcost.domain.protocols import Scorer
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer


def json_fields(fields: Sequence[str] | None = None) -> Scorer:
    """Return a scorer: the share of the expected fields that the answer has, each with its expected value.

    Args:
        fields: The fields that count; by default those of the expected mapping.
    """

    def score(answer: Answer, case: Case) -> float:
        found, document = as_json(answer.value)
        if not found or not isinstance(document, Mapping):
            return 0.0
        return max(_share(document, _expected(expected), fields) for expected in case.expected)

    return score


def as_json(value: Any) -> tuple[bool, Any]:
    """Return whether an answer is JSON, and what it says; one that is parsed already is itself."""
    if not isinstance(value, str):
        return value is not None, value
    try:
        return True, json.loads(value)
    except (ValueError, RecursionError):
        return False, None


def _expected(expected: Any) -> Mapping[str, Any]:
    found, document = as_json(expected)
    if not found or not isinstance(document, Mapping) or not document:
        raise ScorerError(f"expected {expected!r} is no mapping of fields", scorer="json_fields")
    return document


def _share(document: Mapping[str, Any], expected: Mapping[str, Any], fields: Sequence[str] | None) -> float:
    names = list(fields or expected)
    return sum(name in document and _equal(document[name], expected.get(name)) for name in names) / len(names)


def _equal(got: Any, wanted: Any) -> bool:
    """Whether two values mean the same: numbers by size, texts whatever their letter case and outer blanks."""
    numbers = _number(got), _number(wanted)
    if numbers[0] is not None and numbers[1] is not None:
        return math.isclose(numbers[0], numbers[1])
    if isinstance(got, str) and isinstance(wanted, str):
        return got.strip().casefold() == wanted.strip().casefold()
    return type(got) is type(wanted) and bool(got == wanted)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
