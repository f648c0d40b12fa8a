"""A text as the guards see it, read once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"\d[\d.,]*\d|\d|[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and its words, numbers among them, in their order and in lower case."""

    text: str
    words: tuple[str, ...]


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """Return *text* with its words."""
    return Reading(text, tuple(word.lower() for word in _WORD.findall(text)))
