"""The configuration's defaults stand under a suite: what it does not say, they say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_llmcost.suites.project import Configured, Project
from pytest_llmcost.suites.tree.nodes import Entries, List, Map, Node, Scalar
from pytest_llmcost.suites.tree.plain import BadData, node_of
from pytest_llmcost.suites.tree.report import Report, Spot
from pytest_llmcost.suites.tree.toml_lines import KeyPath, line_of

_QUESTION = frozenset({"prompt", "prompt_file", "messages"})
_SYSTEM = frozenset({"system", "system_file", "messages"})
_CASES = frozenset({"cases", "cases_from"})
_RIVALS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("prompt", "prompt_file"), _QUESTION),
    **dict.fromkeys(("system", "system_file"), _SYSTEM),
    "messages": _QUESTION | _SYSTEM,
    **dict.fromkeys(_CASES, _CASES),
}
"""What a suite says takes the place of all of these in the defaults."""

_MERGED = ("gate", "params", "context")
"""What is merged key by key."""


def defaults_of(project: Project, report: Report) -> Map:
    """Return what all configuration files say of suites, each over those that are farther away."""
    merged = Map(1, 1)
    for one in reversed(project.configured):
        merged = over_defaults(table_of(one, ("defaults",), project, report), merged)
    return merged


def table_of(one: Configured, keys: KeyPath, project: Project, report: Report) -> Map:
    """Return the table at *keys* of a configuration file as a tree, placed in that file."""
    place = Spot(1, 1, one.file)
    values: Any = {"defaults": one.defaults, "strategies": one.strategies}
    for key in keys:
        values = values[key]
    try:
        tree = node_of(values, place)
    except BadData as error:
        report.add(place, str(error))
        tree = Map(1, 1, one.file)
    assert isinstance(tree, Map)
    if project.has_lines:
        _place(tree, report.root / one.file, keys)
    return tree


def _place(node: Node, file: Path, keys: KeyPath) -> None:
    node.line = line_of(file, keys)
    for inner in node.items if isinstance(node, List) else ():
        _place(inner, file, keys)
    for key, (name, value) in node.entries.items() if isinstance(node, Map) else ():
        name.line = line_of(file, (*keys, key))
        _place(value, file, (*keys, key))


def over_defaults(tree: Map | List, defaults: Map) -> Map:
    """Return *tree* (a bare list: its cases) with what *defaults* add to it."""
    if isinstance(tree, List):
        entries: Entries = {"cases": (Scalar("cases", "cases", tree.line, tree.column, tree.path), tree)}
    else:
        entries = tree.entries
    merged = Map(tree.line, tree.column, tree.path)
    hidden = {rival for key in entries for rival in _RIVALS.get(key, (key,))}
    merged.entries = entries | {key: entry for key, entry in defaults.entries.items() if key not in hidden}
    for both in (key for key in _MERGED if key in entries and key in defaults.entries):
        name, own = entries[both]
        merged.entries[both] = (name, _merged(own, defaults.entries[both][1]))
    return merged


def _merged(own: Node, default: Node) -> Node:
    if not (isinstance(own, Map) and isinstance(default, Map)):
        return own
    both = Map(own.line, own.column, own.path)
    both.entries = dict(default.entries)
    for key, (name, value) in own.entries.items():
        beneath = default.entries.get(key)
        both.entries[key] = (name, _merged(value, beneath[1]) if beneath else value)
    return both
