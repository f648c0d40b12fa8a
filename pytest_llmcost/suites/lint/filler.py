"""Filler: phrases of which a shorter wording says as much, by a table."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from pytest_llmcost.suites.lint.finding import Edit, Finding, prose, with_its_line
from pytest_llmcost.suites.lint.phrases import PARTS, PHRASES

_LONGEST_SHOWN = 60


def filler(text: str) -> Iterator[Finding]:
    """Yield the phrases of *text* that the table knows, the longest where several begin at one place."""
    plain = prose(text)
    matches = [(match, kind, instead) for kind, pattern, instead in _patterns() for match in pattern.finditer(plain)]
    end = 0
    for match, kind, instead in sorted(matches, key=lambda one: (one[0].start(), -one[0].end())):
        if match.start() >= end:
            end = match.end()
            yield _finding(text, match, kind, instead)


def _finding(text: str, match: re.Match[str], kind: str, instead: str) -> Finding:
    start, end = match.span()
    phrase = " ".join(match[0].split())
    shown = phrase if len(phrase) <= _LONGEST_SHOWN else f"{phrase[: _LONGEST_SHOWN - 1]}…"
    if instead:
        replacement = instead[0].upper() + instead[1:] if match[0][0].isupper() else instead
        return Finding(
            "filler", start, f"{kind}: '{shown}'; '{instead.strip()}' says it", Edit(start, end, replacement)
        )
    return Finding("filler", start, f"{kind}: '{shown}'", Edit(*with_its_line(text, start, end)))


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    return tuple((kind, _compiled(pattern), instead) for kind, pattern, instead in PHRASES)


def _compiled(pattern: str) -> re.Pattern[str]:
    for name, part in PARTS.items():
        pattern = pattern.replace(f"{{{name}}}", part)
    start = r"\b" if pattern[0].isalpha() or pattern[0] == "(" else ""
    end = r"\b" if pattern[-1].isalpha() else ""
    return re.compile(start + pattern.replace(" ", r"[^\S\n]{1,4}") + end, re.IGNORECASE)
