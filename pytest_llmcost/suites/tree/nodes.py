"""A file becomes a tree in which every value knows its place and how it was written."""

from __future__ import annotations

import math
import re
from typing import Any

Value = str | int | float | bool | None


class Scalar:
    """A single value: what it means under YAML 1.2's core schema, and the text as written."""

    __slots__ = ("column", "line", "raw", "value")

    def __init__(self, value: Value, raw: str, line: int, column: int) -> None:
        self.value = value
        self.raw = raw
        self.line = line
        self.column = column


class List:
    """A sequence."""

    __slots__ = ("column", "items", "line")

    def __init__(self, line: int, column: int) -> None:
        self.items: list[Node] = []
        self.line = line
        self.column = column


class Map:
    """A mapping; `entries` has key node and value node by the key as written."""

    __slots__ = ("column", "entries", "line")

    def __init__(self, line: int, column: int) -> None:
        self.entries: dict[str, tuple[Scalar, Node]] = {}
        self.line = line
        self.column = column


class Refused:
    """A value whose mistake is reported already: nothing more is said about it."""

    __slots__ = ("column", "line")

    def __init__(self, line: int, column: int) -> None:
        self.line = line
        self.column = column


Node = Scalar | List | Map | Refused

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
