"""Tools and the choice among them: from OpenAI's form, in which requests hold them, to Anthropic's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_CHOICES = {"auto": "auto", "required": "any", "none": "none"}


def are_plain_tools(params: Mapping[str, Any]) -> bool:
    """Whether the tools in *params* are functions, their choice a common one, and litellm adds nothing to either."""
    tools, choice = params.get("tools"), params.get("tool_choice", "auto")
    if not tools:
        return not {"tools", "tool_choice", "parallel_tool_calls"} & params.keys()
    is_choice = choice in _CHOICES if isinstance(choice, str) else _is_named(choice)
    is_parallel = isinstance(params.get("parallel_tool_calls", True), bool)
    return isinstance(tools, list | tuple) and all(map(_is_function, tools)) and is_choice and is_parallel


def tools_of(tools: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return *tools* as Anthropic takes them."""
    return [_tool(tool["function"]) for tool in tools]


def tool_choice_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return `tool_choice` by its name, or nothing where *params* leave the choice open."""
    choice, is_parallel = params.get("tool_choice"), params.get("parallel_tool_calls")
    if choice is None and is_parallel is None:
        return {}
    if isinstance(choice, Mapping):
        chosen = {"type": "tool", "name": choice["function"]["name"]}
    else:
        chosen = {"type": _CHOICES[choice or "auto"]}
    if is_parallel is not None and chosen["type"] != "none":
        chosen["disable_parallel_tool_use"] = not is_parallel
    return {"tool_choice": chosen}


def _tool(function: Mapping[str, Any]) -> dict[str, Any]:
    described = {"description": function["description"]} if function.get("description") is not None else {}
    return {"type": "custom", "name": function["name"], "input_schema": function["parameters"], **described}


def _is_function(tool: Any) -> bool:
    if not isinstance(tool, Mapping) or tool.keys() != {"type", "function"} or tool["type"] != "function":
        return False
    function = tool["function"]
    return (
        isinstance(function, Mapping)
        and function.keys() <= {"name", "description", "parameters"}
        and _NAME.fullmatch(str(function.get("name"))) is not None
        and _is_plain_schema(function.get("parameters"))
    )


def _is_plain_schema(schema: Any) -> bool:
    """Whether a schema is of the kind that litellm leaves alone: an object with properties, without references."""
    is_object = isinstance(schema, Mapping) and schema.get("type") == "object" and "properties" in schema
    return is_object and schema.keys() <= {"type", "properties", "required", "additionalProperties", "$defs"}


def _is_named(choice: Any) -> bool:
    function = choice.get("function") if isinstance(choice, Mapping) else None
    return isinstance(function, Mapping) and isinstance(function.get("name"), str)
