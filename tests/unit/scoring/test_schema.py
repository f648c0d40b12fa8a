"""The keywords that are ours say what the library's say, and end."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from pytest_llmcost.domain.errors import ScorerError
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.scoring.schema import json_schema

SCHEMAS: list[dict[str, Any]] = [
    {"pattern": "^a"},
    {"properties": {"a": {"pattern": "b$"}}},
    {"patternProperties": {"^a": {"type": "integer"}}},
    {"patternProperties": {"^a": {"type": "integer"}, "b": {"minimum": 2}}},
    {"additionalProperties": False, "properties": {"a": {}}},
    {"additionalProperties": False, "patternProperties": {"^a": {}}, "properties": {"b": {}}},
    {"additionalProperties": {"type": "string"}, "properties": {"b": {}}},
    {"additionalProperties": True},
    {"propertyNames": {"pattern": "^a"}},
    {"$defs": {"x": {"pattern": "^a"}}, "properties": {"a": {"$ref": "#/$defs/x"}}},
    {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"x": {"minimum": 2}},
        "items": {"$ref": "#/definitions/x"},
    },
]
DOCUMENTS: list[Any] = [
    *({"a": "ab"}, {"a": 1}, {"ab": 1}, {"ab": 3}, {"b": 1}, {"b": "x", "c": "y"}, {"a": 1, "c": 2}, {}, [1, 3], [2]),
    *([], 5, None),
]


def score(schema: dict[str, Any], text: str) -> float:
    """Return what the schema's scorer gives for an answer."""
    return json_schema(schema)(Answer(text, text, ()), Case("late", {}, (), "9f2c41"))


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_document_follows_the_schema_where_the_library_says_so(schema: dict[str, Any]) -> None:
    theirs = jsonschema.validators.validator_for(schema)(schema)
    said = [(document, bool(score(schema, json.dumps(document)))) for document in DOCUMENTS]
    assert said == [(document, theirs.is_valid(document)) for document in DOCUMENTS]


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"pattern": "(a|a)*$"}}},
        {
            "properties": {"a": {"additionalProperties": {"pattern": "(a|a)*$"}}},
            "patternProperties": {"a": {"$ref": "#/$defs/x"}},
            "$defs": {"x": {"pattern": "(a|a)*$"}},
        },
    ],
    ids=["plain", "behind-a-reference"],
)
def test_s04_a_pattern_without_end_leaves_the_case_unscored(schema: dict[str, Any]) -> None:
    with pytest.raises(ScorerError, match="takes over 1 s"):
        score(schema, json.dumps({"a": "a" * 40 + "!"}))


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_s04_references_that_double_without_end_leave_the_case_unscored(keyword: str) -> None:
    twice = {f"x{i}": {"allOf": [{keyword: f"#/$defs/x{i - 1}"} for _ in "xx"]} for i in range(1, 40)}
    with pytest.raises(ScorerError, match="the schema takes over 1 s"):
        score({"$defs": {"x0": {}, **twice}, "$ref": "#/$defs/x39"}, "{}")


def test_each_answer_has_its_own_second() -> None:
    scorer = json_schema({"$defs": {"x": {"type": "object"}}, "$ref": "#/$defs/x"})
    case = Case("late", {}, (), "9f2c41")
    assert [scorer(Answer("{}", "{}", ()), case) for _ in range(3)] == [1.0, 1.0, 1.0]
