"""Where a key of a TOML file stands: its parser does not say, so that errors ask here, and only they."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

KeyPath = tuple[str, ...]
_BELOW = ((), ("tool", "llmcost"))
"""Where our keys stand: in a file of their own, and in a shared one."""
_ENDS = ("]", '"""', "'''")
"""A value of several lines ends in a line with one of these."""


def line_of(file: Path, keys: KeyPath) -> int:
    """Return the line, from 1, in which *keys* stand, or what is nearest above them; 1 where nothing is found."""
    try:
        lines = lines_of(file.read_text("utf-8"))
    except (OSError, ValueError):
        return 1
    found = [
        (len(prefix), lines[path]) for prefix in _prefixes(keys) for b in _BELOW if (path := (*b, *prefix)) in lines
    ]
    return max(found, default=(0, 1))[1]


@lru_cache(maxsize=8)
def lines_of(text: str) -> Mapping[KeyPath, int]:
    """Return the line of each key of a whole and right TOML text, by its path; inside of a value, the value's."""
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, statement in _statements(text):
        parsed = tomllib.loads(statement)
        is_header = statement.lstrip().startswith("[")
        paths = list(_paths(parsed, () if is_header else table))
        for path in paths:
            found.setdefault(path, number)
        if is_header:
            table = max(paths, key=len, default=())
    return found


def _prefixes(keys: KeyPath) -> Iterator[KeyPath]:
    return (keys[:length] for length in range(len(keys), 0, -1))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each statement with its first line's number."""
    pending, first = "", 1
    for number, line in enumerate(text.split("\n"), 1):
        if not pending:
            first = number
        pending += f"{line}\n"
        if (first == number or any(end in line for end in _ENDS)) and _is_whole(pending):
            yield first, pending
            pending = ""


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _paths(value: Any, above: KeyPath) -> Iterator[KeyPath]:
    if isinstance(value, list):  # [[a table among several]]
        value = value[-1] if value else None
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield (*above, key)
            yield from _paths(inner, (*above, key))
