"""Filters that write a case's data in fewer tokens: compact JSON, YAML, a table, the beginning of a long text.

Each is bounded in what it reads and writes, as a template is.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from pytest_llmcost.calls.tokens import TokenCounter, counter_of
from pytest_llmcost.suites.templates import MOST_CHARACTERS

MOST_READ = 1_000_000
"""Characters of a text that `truncate_tokens` looks at."""
CHARACTERS_A_STEP = 1_000
"""What a filter reads counts as steps of the rendering, so that a loop cannot have it read for ever."""
_LONGEST_TOKEN = 200
"""Characters; the longest of OpenAI's vocabularies has 128."""
_CLIPPED = "it writes more than 100,000 characters"


class CannotWrite(ValueError):
    """The value is none that this filter can write."""


def compact_json(value: Any) -> str:
    """Return *value* as JSON without white space.

    Raises:
        CannotWrite: If it is too long.
    """
    return _bounded(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def as_yaml(value: Any) -> str:
    """Return *value* as YAML in its order, without a line's end.

    Raises:
        CannotWrite: If it is too long.
    """
    import yaml

    plain = json.loads(compact_json(value))  # plain data and no more, within bounds, each value written out
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    written = yaml.dump(plain, Dumper=dumper, sort_keys=False, allow_unicode=True, width=MOST_CHARACTERS)
    return _bounded(str(written).removesuffix("...\n").rstrip("\n"))


def as_table(value: Any, style: str = "csv") -> str:
    """Return a list of mappings as a table: the columns in the order of their first use, a missing cell empty.

    Args:
        value: The rows.
        style: `csv` (RFC 4180, but for lines that end in a line feed), which is the shorter, or `markdown`.

    Raises:
        CannotWrite: If it is no list of mappings, has no such style, or is too long.
    """
    if not isinstance(value, list | tuple) or not all(isinstance(row, Mapping) for row in value):
        raise CannotWrite("a list of mappings is needed")
    if style not in _TABLES:
        raise CannotWrite(f"{style!r:.40} is no style. There are {', '.join(_TABLES)}")
    names = list(dict.fromkeys(name for row in value for name in row))
    if len(names) * (len(value) + 1) > MOST_CHARACTERS:  # (each cell has a mark of its own)
        raise CannotWrite(_CLIPPED)
    return _bounded(
        _TABLES[style]([[str(name) for name in names], *([_cell(row.get(n)) for n in names] for row in value)])
    )


def first_tokens(text: str, most: int, model: str) -> str:
    """Return the first *most* tokens of *text* by *model*'s own tokenizer, by an estimate where that is not at hand.

    Raises:
        CannotWrite: If the number is none, or the text is too long.
    """
    if type(most) is not int or most < 0:
        raise CannotWrite(f"truncate_tokens takes a whole number from 0, not {most!r:.40}")
    if len(text) > MOST_READ:
        raise CannotWrite(f"truncate_tokens reads at most {MOST_READ:,} characters, not {len(text):,}")
    return _counter(model).first(text[: most * _LONGEST_TOKEN], most)


@cache
def _counter(model: str) -> TokenCounter:
    return counter_of(model)


def _bounded(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise CannotWrite(_CLIPPED)
    return text


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else compact_json(value)


def _csv(rows: list[list[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue().rstrip("\n")


def _markdown(rows: list[list[str]]) -> str:
    head, *others = [[" ".join(cell.replace("|", "\\|").split()) for cell in row] for row in rows]
    return "\n".join(f"|{'|'.join(row)}|" for row in [head, ["-"] * len(head), *others])


_TABLES: Mapping[str, Callable[[list[list[str]]], str]] = {"csv": _csv, "markdown": _markdown}
