"""Plain values of the configuration: numbers, booleans, words; a variable of the environment states them as text."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


def number(least: float, whole: bool) -> Callable[[Any], Any]:
    """Return what reads a finite number from *least* up; it raises `ValueError` for any other value."""
    kind, noun = (int, "whole number") if whole else (float, "number")

    def read(value: Any) -> Any:
        needed = f"a {noun} from {least:g} up is needed"
        try:
            stated = kind(value) if not isinstance(value, bool) else least - 1
            if not least <= stated < math.inf or stated != float(value):
                raise ValueError(needed)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(needed) from error
        return stated

    return read


def boolean(value: Any) -> bool:
    """Return true or false.

    Raises:
        ValueError: If it is neither.
    """
    known = {"true": True, "false": False, "1": True, "0": False}
    if str(value).lower() not in known:
        raise ValueError("true or false is needed")
    return known[str(value).lower()]


def one_of(*words: str) -> Callable[[Any], str]:
    """Return what reads one of some words; it raises `ValueError` for any other value."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"{' or '.join(map(repr, words))} is needed")
        return str(value)

    return read
