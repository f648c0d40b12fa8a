"""A file becomes a tree in which every value knows its place and how it was written."""

from __future__ import annotations

import math
import re
from typing import Any

Value = str | int | float | bool | None


class Scalar:
    """A single value: what it means under YAML 1.2's core schema, and the text as written.

    `path` is the file it stands in, here and in the other nodes; empty: the suite's own.
    """

    __slots__ = ("column", "line", "path", "raw", "value")

    def __init__(self, value: Value, raw: str, line: int, column: int, path: str = "") -> None:
        self.value = value
        self.raw = raw
        self.line = line
        self.column = column
        self.path = path


class List:
    """A sequence."""

    __slots__ = ("column", "items", "line", "path")

    def __init__(self, line: int, column: int, path: str = "") -> None:
        self.items: list[Node] = []
        self.line = line
        self.column = column
        self.path = path


class Map:
    """A mapping."""

    __slots__ = ("column", "entries", "line", "path")

    def __init__(self, line: int, column: int, path: str = "") -> None:
        self.entries: Entries = {}
        self.line = line
        self.column = column
        self.path = path


class Refused:
    """A value whose mistake is reported already: nothing more is said about it."""

    __slots__ = ("column", "line", "path")

    def __init__(self, line: int, column: int, path: str = "") -> None:
        self.line = line
        self.column = column
        self.path = path


Node = Scalar | List | Map | Refused
Entries = dict[str, tuple[Scalar, Node]]
"""Key node and value node by the key as written."""

_WORDS: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: math.inf for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_NUMBER = re.compile(
    r"(?P<int>[-+]?[0-9]+)|0o(?P<oct>[0-7]+)|0x(?P<hex>[0-9a-fA-F]+)"
    r"|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
)
_NUMBER_STARTS = frozenset("+-.0123456789")
_MOST_DIGITS = 300


def core_value(raw: str) -> Value:
    """Return what the plain scalar *raw* means under YAML 1.2's core schema.

    `yes`, `no`, `on`, `off`, times and dates are text; `010` is ten and `1e3` a
    thousand. A number too large to be reckoned with comes back as infinity.
    """
    if raw in _WORDS:
        return _WORDS[raw]
    if raw[0] not in _NUMBER_STARTS:
        return raw
    found = _NUMBER.fullmatch(raw)
    if not found:
        return raw
    if found.lastgroup is None:
        return float(raw)
    base = {"int": 10, "oct": 8, "hex": 16}[found.lastgroup]
    return int(found[found.lastgroup], base) if len(raw) <= _MOST_DIGITS else math.inf


def data_of(node: Node) -> Any:
    """Return *node* as plain data for templates, so that they print what the file says.

    A number that Python would write otherwise (`010`, `1e3`, `12.50`) is its text.
    """
    match node:
        case Scalar(value=value, raw=raw):
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return raw if is_number and str(value) != raw else value
        case List(items=items):
            return [data_of(item) for item in items]
        case Map(entries=entries):
            return {name: data_of(value) for name, (_, value) in entries.items()}
        case Refused():
            return None


def json_of(node: Node) -> Any:
    """Return *node* as JSON: a number is a number, however it is written."""
    match node:
        case Scalar(value=value):
            return value
        case List(items=items):
            return [json_of(item) for item in items]
        case Map(entries=entries):
            return {name: json_of(value) for name, (_, value) in entries.items()}
        case Refused():
            return None
