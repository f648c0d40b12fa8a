"""A text as the guards see it, read once: its words, numbers and signs, in their order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(
    r"(?<![\w)\]])-\d+(?:[.,:]\d+)*|\d+(?:[.,:]\d+)*(?:e[-+]?\d+)?(?:(?<=\d)(?:st|nd|rd|th)\b)?"
    r"|[^\W\d_²³½¼¾]+(?:['-][^\W\d_²³½¼¾]+)*|[€$£¥₹%°²³½¼¾]",
    re.IGNORECASE,
)
_SPELLINGS = (
    (re.compile(r"\bper cent\b", re.IGNORECASE), "percent"),
    (re.compile(r"\b(?:km/h|kilomet(?:re|er)s per hour)(?!\w)", re.IGNORECASE), "kmh"),
    (re.compile(r"\bmiles per hour\b", re.IGNORECASE), "mph"),
    (re.compile(r"(?<=\d)(\s?[ap])\.m\.", re.IGNORECASE), r"\1m"),
    (re.compile(r"\be-mail", re.IGNORECASE), "email"),
)
_ISO_DATE = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
_ENDINGS = ("ing", "ed", "es", "s", "d", "e")
_PLAIN = str.maketrans("\u2018\u2019\u201c\u201d\u2212\u2013\u2014", "''\"\"-- ")
"""Typographic quotation marks, minus and dashes, as a keyboard has them."""
_JOINED_BEFORE = frozenset(["non", "un", "dis", "in", "anti", "pre", "post", "over", "under", "re", "co"])
_JOINED_AFTER = frozenset(["free"])


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with its words.

    Attributes:
        text: As it was given, its quotation marks and dashes made plain.
        raw: Words, numbers and signs in their order, without possessive endings.
        words: The same in lower case.
    """

    text: str
    raw: tuple[str, ...]
    words: tuple[str, ...]


@lru_cache(maxsize=1024)
def read(text: str) -> Reading:
    """Return *text* with its words."""
    plain = text.translate(_PLAIN)
    spelt = _ISO_DATE.sub(_spelt_out, plain)
    for pattern, spelling in _SPELLINGS:
        spelt = pattern.sub(spelling, spelt)
    raw = tuple(part for token in _TOKEN.findall(spelt) for part in _parts(token))
    return Reading(plain, raw, tuple(word.lower() for word in raw))


def stem(word: str) -> str:
    """Return a word, in lower case, without a common ending; words of one stem need not mean the same."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending)
    return word


def _spelt_out(date: re.Match[str]) -> str:
    year, month, day = date.groups()
    return f"{int(day)} {MONTHS[int(month) - 1]} {year}" if 1 <= int(month) <= 12 else date.group()


def _parts(token: str) -> list[str]:
    """Return a hyphened word's words, where it is not one by itself, as `non-refundable` and `sugar-free` are."""
    token = token[:-2] if token.lower().endswith("'s") else token
    if token[0].isdecimal() and token[-1].isalpha():
        return [token[:-2]]
    if "-" not in token or token[0] == "-" or token[0].isdecimal():
        return [token]
    first, *_, last = parts = token.split("-")
    if first.lower() in _JOINED_BEFORE and len(parts) == 2:
        return [first + last]
    return [token] if last.lower() in _JOINED_AFTER else parts
