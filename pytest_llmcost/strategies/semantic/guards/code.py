"""Code: identifiers, operators and flags, letter by letter."""

from __future__ import annotations

import re

from pytest_llmcost.strategies.semantic.guards.reading import Reading

_TICKED = re.compile(r"`([^`]+)`")
_OPERATOR = re.compile(
    r"[=!<>]=+|&&?|\|\|?|\+\+|--(?!\w)|->|=>|<<|>>|//|\*\*|[<>*^~]|\+=|(?<=\d)\s?[+*]\s?(?=\d)|(?<=\d)\s[-/]\s(?=\d)|\[[^\]\s]{0,40}\]|(?<![\w])--?[A-Za-z][\w-]*"
)
_IDENTIFIER = re.compile(r"(?<!\w)(?:\w+(?:[_.]\w+)+|__\w+__|[a-z]+[A-Z]\w*|[A-Z]+[a-z]+[A-Z]\w*)(?!\w)")


def differ(first: Reading, second: Reading) -> bool:
    """Whether one text has code that the other has not."""
    one, other = first.text, second.text
    if _is_missing(one, other) or _is_missing(other, one):
        return True
    return _operators(one) != _operators(other) or _have_other_identifiers(one, other)


def _operators(text: str) -> list[str]:
    return sorted(found.strip() for found in _OPERATOR.findall(text))


def _is_missing(ours: str, theirs: str) -> bool:
    return any(code not in theirs for code in _TICKED.findall(ours))


def _have_other_identifiers(one: str, other: str) -> bool:
    """Whether each has an identifier that the other has not; `iPhone` and `iphone` are the same."""
    ours, theirs = set(_IDENTIFIER.findall(one)), set(_IDENTIFIER.findall(other))
    return bool(ours - theirs) and bool(theirs - ours)
