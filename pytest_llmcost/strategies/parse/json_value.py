"""The JSON in a text, or one field of it."""

from __future__ import annotations

from typing import Any

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.json_text import NoJson, first_json
from pytest_llmcost.strategies.parse.parsed import Parsed, unparsed


def parse_json(completion: Completion, field: str = "") -> Parsed:
    """Return the first JSON value in the text, or what stands in it at *field*.

    Args:
        completion: The reply.
        field: Names with dots between them (`order.lines.0.name`); a list is entered by a number from 0.
    """
    try:
        value = first_json(completion.text)
        return Parsed(value_at(value, field) if field else value)
    except NoJson as missing:
        return unparsed(str(missing))
    except LookupError:
        return unparsed(f"the JSON has no field {field!r}")


def value_at(value: Any, path: str) -> Any:
    """Return what stands at *path*, names with dots between them; a key that holds dots is found by its whole name.

    Raises:
        LookupError: If nothing does.
    """
    if isinstance(value, dict) and path in value:
        return value[path]
    name, _, rest = path.partition(".")
    if isinstance(value, list) and name.isascii() and name.isdigit():
        inner = value[int(name)]
    elif isinstance(value, dict):
        inner = value[name]
    else:
        raise LookupError(path)
    return value_at(inner, rest) if rest else inner
