"""Data that was read elsewhere becomes a tree with places, so that it is checked like a file of ours."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, NoReturn

from pytest_llmcost.suites.tree.nodes import List, Map, Node, Scalar, core_value
from pytest_llmcost.suites.tree.report import Spot

MOST_DEPTH = 64


class BadData(ValueError):
    """A text is no JSON, or none that we take; `line` and `column` count from 1 in that text."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class _Number(str):
    """A JSON number as it is written."""

    __slots__ = ()


def node_of(value: Any, place: Spot, depth: int = 0) -> Node:
    """Return plain data (of TOML, JSON, CSV) as a tree all of whose nodes stand at *place*.

    A date is the text that it looks like.

    Raises:
        BadData: If it is nested deeper than 64 levels, or has half a surrogate pair.
    """
    if depth > MOST_DEPTH:
        raise BadData(f"it is nested deeper than {MOST_DEPTH} levels")
    if isinstance(value, Mapping):
        mapping = Map(place.line, place.column, place.path)
        for key, inner in value.items():
            mapping.entries[str(key)] = (_scalar(str(key), place), node_of(inner, place, depth + 1))
        return mapping
    if isinstance(value, list | tuple):
        sequence = List(place.line, place.column, place.path)
        sequence.items = [node_of(inner, place, depth + 1) for inner in value]
        return sequence
    return _scalar(value, place)


def _scalar(value: Any, place: Spot) -> Scalar:
    if value is None or isinstance(value, bool):
        return Scalar(value, "null" if value is None else str(value).lower(), place.line, place.column, place.path)
    raw = str(value)
    if isinstance(value, _Number):
        value = core_value(raw)
    elif not isinstance(value, int | float):
        value = raw
        if not raw.isascii() and any("\ud800" <= sign <= "\udfff" for sign in raw):
            raise BadData("it has half a surrogate pair, which is no text")
    return Scalar(value, raw, place.line, place.column, place.path)


def decoded(text: str, start: int = 0) -> tuple[Any, int]:
    """Return the JSON value that begins at *start*, for `node_of`, and where it ends.

    Numbers stay as they are written.

    Raises:
        BadData: If it is no JSON, has a key twice, or a number that is not finite.
    """
    try:
        return _DECODER.raw_decode(text, _skipped(text, start))
    except json.JSONDecodeError as error:
        raise BadData(f"this is no JSON: {error.msg}", error.lineno, error.colno) from error
    except RecursionError as error:
        raise BadData("it is nested too deeply") from error


def _skipped(text: str, start: int) -> int:
    while start < len(text) and text[start] in " \t\r\n":
        start += 1
    return start


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = next(key for key, count in counts.items() if count > 1)
        raise BadData(f"key {twice[:40]!r} is here twice. Keep one")
    return found


def _number(raw: str) -> _Number:
    value = core_value(raw)
    is_finite = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return _Number(raw) if is_finite else _constant(raw)


def _constant(name: str) -> NoReturn:
    raise BadData(f"{name[:40]!r} is no finite number. If it is text, put it in quotes")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_constant)
