"""Text from models and files, made inert: it may neither steer a terminal, command a CI log, nor mark up a page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import accumulate

_STEERING = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
# Instructions to a CI system's log: `::error::` opens a line, `##[group]` and `##vso[...]` stand anywhere.
_COMMAND = re.compile(r"(?m)^[^\S\n]*(?=::)|##(?=\w*\[)")
_BACKTICKS = re.compile("`+")


def visible(text: str, most: int = 60) -> str:
    """Return *text* on one line, control and direction characters written out, on at most *most* columns."""
    shown = _uncommanding(_spelt_out(text[: most + 1]))
    if len(text) <= most + 1 and columns(shown) <= most:
        return shown
    return _first_columns(shown, most - 1) + "…"


def code(text: str, most: int = 60) -> str:
    """Return *text* as a code span of Markdown, on one line, in tables too.

    Nothing is a link, a mention, an image or HTML in there; but a table ends its cells before
    it looks for code, so that their mark is written out.
    """
    shown = visible(text, most).replace("|", "\\u007c")
    if not shown.strip():
        return "(blank)" if text else "(empty)"
    fence = "`" * (max(map(len, _BACKTICKS.findall(shown)), default=0) + 1)
    gap = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{gap}{shown}{gap}{fence}"


def inert(text: str) -> str:
    """Return *text* with its lines kept and everything that steers written out."""
    return _uncommanding("\n".join(map(_spelt_out, text.split("\n"))))


def named(names: Sequence[str], most: int) -> str:
    """Return the first *most* of some names on one line, and how many more there are."""
    more = f", and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(visible(name, 40) for name in names[:most]) + more


def columns(text: str) -> int:
    """Return how many columns of a terminal *text* takes: two a wide character, none a joined one."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _first_columns(text: str, most: int) -> str:
    ends = accumulate(map(_width, text))
    return "".join(char for char, end in zip(text, ends, strict=True) if end <= most)


def _uncommanding(text: str) -> str:
    return _COMMAND.sub(r"\g<0>'", text)


def _spelt_out(text: str) -> str:
    if text.isascii() and text.isprintable():  # as nearly all is
        return text
    return "".join(char if _is_plain(char) else _written_out(char) for char in text)


def _is_plain(char: str) -> bool:
    # Joiners make one picture of several emoji; everything else of their kind reorders or hides.
    return char == "\u200d" or unicodedata.category(char) not in _STEERING


def _written_out(char: str) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char, f"\\u{ord(char):04x}")
