"""A suite with each strategy's leaner twin beside it: the text of a new suite, from that of the old one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_llmcost.suites.tree.nodes import List, Map, Scalar, core_value, json_of

LEAN = "lean"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")

Twins = Mapping[str, Mapping[str, Any]]
"""By strategy, what its twin says otherwise: `system`, `prompt` or `messages`."""


def lean_path(path: Path) -> Path:
    """Return where the variant of a suite, or of a prompt's file, is written: beside it."""
    if path.suffix not in (".yaml", ".yml"):
        return path.with_name(f"{path.stem}.{LEAN}{path.suffix}")
    if path.stem.endswith("_bench"):
        return path.with_name(f"{path.stem.removesuffix('_bench')}_{LEAN}_bench{path.suffix}")
    return path.with_name(f"{path.stem}_{LEAN}{path.suffix}")


def twin_of(strategy: str) -> str:
    """Return what the leaner twin of a strategy is called."""
    return f"{strategy}-{LEAN}"


def with_twins(source: str, tree: Map, name: str, strategies: Sequence[str], twins: Twins) -> str | None:
    """Return the suite in *source* with twins among its strategies, or None where its form does not allow it.

    Comments and order stay; the suite's name gets a word more, so that it is another one.

    Args:
        source: The file's text.
        tree: Its top level.
        name: What the suite is called.
        strategies: Names of all its strategies.
        twins: By the name of the strategy.
    """
    if any(key.column != 1 for key, _ in tree.entries.values()):
        return None
    lines = source.split("\n")
    spans = _spans(tree, lines)
    edits: dict[tuple[int, int], list[str]] = {}
    if "suite" in spans:
        edits[spans["suite"]] = [f"suite: {_quoted(twin_of(name))}"]
    node = tree.entries["strategies"][1] if "strategies" in tree.entries else None
    if isinstance(node, Map) and node.entries and lines[node.line - 1][node.column - 1 :][:1] not in "{":
        at = node.line - 1
        edits[at, at] = [line for twin in twins.items() for line in _twin(*twin, indent=node.column - 1)]
    else:
        at, end = spans.get("strategies", (len(lines), len(lines)))
        edits[at, end] = ["strategies:", *_restated(node, strategies), *_all(twins)]
    for (start, end), new in sorted(edits.items(), reverse=True):
        lines[start:end] = new
    return "\n".join(lines)


def _all(twins: Twins) -> list[str]:
    return [line for twin in twins.items() for line in _twin(*twin, indent=2)]


def _spans(tree: Map, lines: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the lines of each entry of the top level, from 0, the last one excluded; comments behind it stay out."""
    starts = [key.line - 1 for key, _ in tree.entries.values()]
    spans = {}
    for name, start, end in zip(tree.entries, starts, [*starts[1:], len(lines)], strict=True):
        while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
            end -= 1
        spans[name] = (start, end)
    return spans


def _restated(node: Any, strategies: Sequence[str]) -> list[str]:
    if isinstance(node, Map):
        return [f"  {_quoted(name)}: {_quoted(json_of(value))}" for name, (_, value) in node.entries.items()]
    names = [item.raw for item in node.items if isinstance(item, Scalar)] if isinstance(node, List) else strategies
    return [f"  {_quoted(name)}: {_quoted({'use': name})}" for name in names]


def _twin(strategy: str, texts: Mapping[str, Any], indent: int) -> list[str]:
    blank = " " * indent
    lines = [f"{blank}{_quoted(twin_of(strategy))}:", f"{blank}  use: {_quoted(strategy)}"]
    for key, value in texts.items():
        lines += _entry(key, value, f"{blank}  ")
    return lines


def _entry(key: str, value: Any, blank: str) -> list[str]:
    """Return a text as a block, line by line, where YAML reads it back as it is; else quoted."""
    if not isinstance(value, str) or value[:1].isspace() or value.endswith("\n\n") or not _is_plain(value):
        return [f"{blank}{key}: {_quoted(value)}"]
    mark = "|" if value.endswith("\n") else "|-"
    text = value.removesuffix("\n").split("\n")
    return [f"{blank}{key}: {mark}", *(f"{blank}  {line}" if line else "" for line in text)]


def _is_plain(text: str) -> bool:
    return bool(text) and all(line.isprintable() for line in text.split("\n"))


def _quoted(value: Any) -> str:
    """Return JSON, which is YAML, too; a name of plain letters goes without quotes."""
    if isinstance(value, str) and _NAME.fullmatch(value) and core_value(value) == value:
        return value
    return "".join(map(_escaped, json.dumps(value, ensure_ascii=False)))


def _escaped(char: str) -> str:
    # Some that JSON lets stand are line breaks to YAML, or may not stand in it at all.
    return char if char.isprintable() else f"\\U{ord(char):08x}"
