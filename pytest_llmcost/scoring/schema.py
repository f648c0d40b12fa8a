"""Right or wrong by a JSON schema; neither its patterns nor its references can keep a run busy for more than a second.

The library's own keywords search with `re`, which nothing can stop; here is what takes their place.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_llmcost.domain.errors import ScorerError
from pytest_llmcost.domain.protocols import Scorer
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.scoring.structure import as_json
from pytest_llmcost.scoring.text import PATTERN_SECONDS, search

Errors = Iterator[Any]
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


def json_schema(value: Any = None) -> Scorer:
    """Return a scorer: does the answer, as JSON, follow the schema *value*.

    The scorer raises `ScorerError` where that cannot be told within a second or so.
    """
    from jsonschema import validators

    base = validators.validator_for(value)
    limit = _Limit()
    own = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        **{key: limit.around(base.VALIDATORS[key]) for key in _REFERENCES if key in base.VALIDATORS},
    }
    validator = validators.extend(base, own)(value)

    def score(answer: Answer, case: Case) -> float:
        found, document = as_json(answer.value)
        limit.start()
        return float(found and validator.is_valid(document))

    return score


class _Limit:
    """The time that one answer may take: references to references double, and forty of them never end."""

    def __init__(self) -> None:
        self._end = 0.0

    def start(self) -> None:
        self._end = time.monotonic() + PATTERN_SECONDS

    def around(self, keyword: Any) -> Any:
        def limited(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
            if time.monotonic() > self._end:
                raise ScorerError(f"the schema takes over {PATTERN_SECONDS:g} s on this answer", scorer="json_schema")
            yield from keyword(validator, value, instance, schema) or ()

        return limited


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, str) and not search(pattern, instance):
        yield _error(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, by_pattern: Mapping[str, Any], instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        for pattern, inner in by_pattern.items():
            for name, value in instance.items():
                if search(pattern, name):
                    yield from validator.descend(value, inner, path=name, schema_path=pattern)


def _additional_properties(validator: Any, rule: Any, instance: Any, schema: Mapping[str, Any]) -> Errors:
    if not isinstance(instance, dict):
        return
    named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    extras = [name for name in instance if name not in named and not any(search(p, name) for p in patterns)]
    if isinstance(rule, dict):
        for name in extras:
            yield from validator.descend(instance[name], rule, path=name)
    elif not rule and extras:
        yield _error(f"additional properties: {', '.join(extras)}")


def _error(message: str) -> Any:
    from jsonschema import ValidationError

    return ValidationError(message)
