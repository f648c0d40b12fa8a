"""The first JSON value in a text: models put words and fences around what they were asked for."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

MOST_CHARACTERS = 1_000_000
MOST_DEPTH = 64

_FENCED = re.compile(r"```(\w*)[^\S\n]*\n(.*?)(?:```|\Z)", re.DOTALL)
_LANGUAGES = frozenset({"", "json", "json5", "jsonc"})
_OPENING = re.compile(r"[\[{]")


class NoJson(ValueError):
    """A text holds no JSON value that can be used; its text says why, in a few words."""


def first_json(text: str) -> Any:
    """Return the first JSON value in *text*.

    The whole text where that is JSON; else what a fence begins with; else the first object
    or list between the words. A value that is cut off is no JSON, and neither are its parts.

    Raises:
        NoJson: If there is none, or it holds NaN or an infinity, is nested deeper than 64
            levels, or the text has more than a million characters.
    """
    if len(text) > MOST_CHARACTERS:
        raise NoJson(f"the text has more than {MOST_CHARACTERS:,} characters")
    try:
        value = next(_values_in(text.strip()))
    except StopIteration:
        raise NoJson("the text holds no JSON") from None
    except RecursionError:
        raise NoJson(_TOO_DEEP) from None
    _check_depth(value, MOST_DEPTH)
    return value


def _values_in(text: str) -> Iterator[Any]:
    yield from _whole(text)
    for language, content in _FENCED.findall(text):
        if language.lower() in _LANGUAGES:
            yield from _whole(content.strip()) or _opened(content.strip(), 0)[0]
    place = 0
    while opening := _OPENING.search(text, place):
        found, place = _opened(text, opening.start())
        yield from found


def _whole(text: str) -> tuple[Any, ...]:
    # A tuple of one or none, as None is a value too.
    try:
        return (_DECODER.decode(text),)
    except json.JSONDecodeError:
        return ()


def _opened(text: str, start: int) -> tuple[tuple[Any, ...], int]:
    """Return the object or list that opens at *start*, if it is one, and where to go on."""
    if not _OPENING.match(text, start):
        return (), start
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        # Behind the mistake, so that no part of a spoilt value is taken, and no letter is read twice.
        return (), max(error.pos, start + 1)
    return (value,), end


def _check_depth(value: Any, levels: int) -> None:
    if isinstance(value, dict | list):
        if not levels:
            raise NoJson(_TOO_DEEP)
        for inner in value.values() if isinstance(value, dict) else value:
            _check_depth(inner, levels - 1)


def _float(raw: str) -> float:
    value = float(raw)
    return value if math.isfinite(value) else _refuse(raw)


def _int(raw: str) -> int:
    return int(raw) if len(raw) <= _MOST_DIGITS else _refuse(raw)


def _refuse(raw: str) -> NoReturn:
    raise NoJson(f"{raw[:_SHOWN]} is no number of JSON")


_MOST_DIGITS = 400
_SHOWN = 20
_TOO_DEEP = f"the JSON is nested deeper than {MOST_DEPTH} levels"
_DECODER = json.JSONDecoder(parse_float=_float, parse_int=_int, parse_constant=_refuse)
