"""Text from models and files, made inert: it may neither steer a terminal nor command a CI log."""

from __future__ import annotations

import re
import unicodedata

_STEERING = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
# A line that opens so is an instruction to a CI system's log: `::error::`, `##[group]`.
_COMMAND = re.compile(r"(?m)^(\s*)(::|##\[)")


def visible(text: str, most: int = 60) -> str:
    """Return *text* on one line, control and direction characters written out, at most *most* characters."""
    shown = "".join(char if _is_plain(char) else _written_out(char) for char in text[: most + 1])
    if len(shown) > most:
        shown = shown[: most - 1] + "…"
    return _COMMAND.sub(r"\1'\2", shown)


def inert(text: str) -> str:
    """Return *text* with its lines kept and everything that steers written out."""
    kept = "".join(char if char == "\n" or _is_plain(char) else _written_out(char) for char in text)
    return _COMMAND.sub(r"\1'\2", kept)


def _is_plain(char: str) -> bool:
    # Joiners make one picture of several emoji; everything else of their kind reorders or hides.
    return char == "\u200d" or unicodedata.category(char) not in _STEERING


def _written_out(char: str) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char, f"\\u{ord(char):04x}")
