"""A JSON schema stands in the suite or in a file of its own, and is checked before anything is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from pytest_llmcost.suites.scoring.patterns import check_pattern
from pytest_llmcost.suites.tree.nodes import Map, Node, Scalar, json_of
from pytest_llmcost.suites.tree.references import json_at
from pytest_llmcost.suites.tree.report import Report, shown

_LONGEST_NAME = 64
_LONGEST_CAUSE = 200
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


def schema_at(node: Node, report: Report) -> dict[str, Any] | None:
    """Return the JSON schema that stands at *node*, or in the file that it names; None where it is reported."""
    schema = _object_at(node, report)
    if schema is None or not _is_schema(schema, node, report):
        return None
    return schema if _can_be_scored(schema, node, report) else None


def response_format_at(node: Node, report: Report) -> dict[str, Any] | None:
    """Return what a request asks its reply's form with: a schema as a strict format, a whole format as it is."""
    written = _object_at(node, report)
    if written is None:
        return None
    if written == {"type": "json_object"} or (written.get("type") == "json_schema" and "json_schema" in written):
        return written
    if not _is_schema(written, node, report):
        return None
    name = PurePosixPath(node.raw).name.partition(".")[0] if isinstance(node, Scalar) else ""
    named = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:_LONGEST_NAME] or "answer"
    return {"type": "json_schema", "json_schema": {"name": named, "schema": written, "strict": True}}


def _object_at(node: Node, report: Report) -> dict[str, Any] | None:
    if isinstance(node, Map):
        return dict(json_of(node))
    return json_at(node, report) if isinstance(node, Scalar) else None


def _is_schema(schema: dict[str, Any], place: Node, report: Report) -> bool:
    import jsonschema

    outside = next((ref for ref in _references(schema) if not ref.startswith("#")), None)
    if outside is not None:
        report.add(place, f"the schema refers to {shown(outside)}, outside of it. Put that below $defs")
        return False
    try:
        jsonschema.validators.validator_for(schema).check_schema(schema)
    except jsonschema.SchemaError as error:
        report.add(place, f"this is no JSON schema: {error.json_path}: {error.message[:_LONGEST_CAUSE]}")
        return False
    return True


def _can_be_scored(schema: dict[str, Any], place: Node, report: Report) -> bool:
    """Whether the search for its patterns can be stopped."""
    if {"unevaluatedProperties", "patternProperties"} <= {key for part in _mappings(schema) for key in part}:
        report.add(place, "unevaluatedProperties does not go with patternProperties. Use additionalProperties")
        return False
    # (A list, so that all of them are told.)
    return False not in [check_pattern(pattern, place, report) for pattern in _patterns(schema)]


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _mappings(inner)


def _patterns(schema: dict[str, Any]) -> Iterator[str]:
    for part in _mappings(schema):
        pattern, by_pattern = part.get("pattern"), part.get("patternProperties")
        yield from [pattern] if isinstance(pattern, str) else ()
        yield from by_pattern if isinstance(by_pattern, dict) else ()


def _references(schema: dict[str, Any]) -> Iterator[str]:
    for part in _mappings(schema):
        yield from (ref for key in _REFERENCES if isinstance(ref := part.get(key), str))
