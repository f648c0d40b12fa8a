"""JSON in a prompt: what its white space, its keys and its form cost, by counted tokens."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.suites.lint.finding import Edit, Finding, without_tags

Count = Callable[[str], int]
"""Says how many tokens a text is."""

SHORTEST = 40
"""Characters of the shortest value that is looked at."""
LONG_KEY = 12
"""Characters of the shortest key that is called long."""
FEWEST_ROWS = 3
MOST_TRIES = 200
"""Brackets that turn out to open no JSON; a text with more is code, or hostile, and its rest is not looked at."""

_OPEN = re.compile(r"[\[{]")
_BLANK = re.compile(r'("(?:\\.|[^"\\])*")|\s+')
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A JSON object or list in a text."""

    start: int
    end: int
    value: Any


def blocks_of(text: str) -> list[Block]:
    """Return the outermost JSON objects and lists of *text*; one with a template's tag outside of a string is none."""
    decoder, found = json.JSONDecoder(), list[Block]()
    plain, at, tries = without_tags(text), 0, 0
    while tries < MOST_TRIES and (match := _OPEN.search(plain, at)):
        at = match.start() + 1
        try:
            value, end = decoder.raw_decode(text, match.start())
        except ValueError:
            tries += 1
            continue
        except RecursionError:
            break
        at = end
        if end - match.start() >= SHORTEST and value:
            found.append(Block(match.start(), end, value))
    return found


def verbose_json(text: str, blocks: Sequence[Block], count: Count) -> Iterator[Finding]:
    """Yield what each of *blocks* could do without."""
    for block in blocks:
        written = text[block.start : block.end]
        compact = _BLANK.sub(lambda found: found[1] or "", written)
        tokens, compact_tokens = count(written), count(compact)
        if compact_tokens < tokens:
            what = f"JSON of {tokens} tokens is {compact_tokens} without its white space"
            yield Finding("json", block.start, what, Edit(block.start, block.end, compact))
        yield from _long_keys(text, block, compact, compact_tokens, count)
        yield from _format(text, block, compact_tokens, count)


def _long_keys(text: str, block: Block, compact: str, tokens: int, count: Count) -> Iterator[Finding]:
    keys = Counter(_keys(block.value))
    long = [key for key, times in keys.items() if len(key) >= LONG_KEY and times > 1]
    short = _short_names(long, keys)
    if short and (shorter := count(_renamed(compact, short))) < tokens:
        names = ", ".join(f"{key} -> {name}" for key, name in list(short.items())[:3])
        more = f", and {len(short) - 3} more" if len(short) > 3 else ""
        what = f"long keys: compact, {tokens} tokens; {shorter} with {names}{more}, where nothing else reads them"
        yield Finding("json-keys", block.start, what, instead=_put(text, block, _renamed(compact, short)))


def _format(text: str, block: Block, compact_tokens: int, count: Count) -> Iterator[Finding]:
    others = {"YAML": _as_yaml(block.value), "CSV": _as_csv(block.value)}
    tokens = {name: count(other) for name, other in others.items() if other is not None}
    if not tokens:
        return
    best = min(tokens, key=lambda name: tokens[name])
    if tokens[best] < compact_tokens:
        told = ", ".join(f"{name} {number}" for name, number in [("compact JSON", compact_tokens), *tokens.items()])
        what = f"data as {best} is shorter, where it is only read: {told} tokens"
        yield Finding("json-format", block.start, what, instead=_put(text, block, others[best] or ""))


def _put(text: str, block: Block, other: str) -> str:
    return text[: block.start] + other + text[block.end :]


def _keys(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _short_names(long: Sequence[str], taken: Counter[str]) -> dict[str, str]:
    """Return a shorter name for each key: its last word, else its initials; none that is there already."""
    names: dict[str, str] = {}
    for key in long:
        words = [word.lower() for word in _WORD.findall(key)]
        for name in (words[-1], "".join(word[0] for word in words)) if words else ():
            if len(name) < len(key) and name not in taken and name not in names.values():
                names[key] = name
                break
    return names


def _renamed(compact: str, names: dict[str, str]) -> str:
    for key, name in names.items():
        compact = compact.replace(f"{json.dumps(key, ensure_ascii=False)}:", f"{json.dumps(name)}:")
    return compact


def _as_yaml(value: Any) -> str | None:
    import yaml

    try:
        return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=1_000_000))
    except (yaml.YAMLError, RecursionError):
        return None


def _as_csv(value: Any) -> str | None:
    """Return a list of flat records of the same keys as CSV; None for all else."""
    if not (isinstance(value, list) and len(value) >= FEWEST_ROWS and all(isinstance(row, dict) for row in value)):
        return None
    head = list(value[0])
    cells = [row.values() for row in value]
    if any(list(row) != head for row in value) or any(isinstance(cell, dict | list) for row in cells for cell in row):
        return None
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_cell(cell) for cell in row] for row in cells)
    return written.getvalue()


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, bool) or value is None else value
