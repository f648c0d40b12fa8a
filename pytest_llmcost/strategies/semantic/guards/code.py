"""Code: identifiers, operators and flags, letter by letter."""

from __future__ import annotations

import re

from pytest_llmcost.strategies.semantic.guards.reading import Reading

_TICKED = re.compile(r"`([^`]+)`")
_OPERATOR = re.compile(r"[=!<>]=+|&&?|\|\|?|\+\+|--(?!\w)|->|=>|<<|>>|//|\*\*|[<>*^~]|\+=|(?<![\w])--?[A-Za-z][\w-]*")
_IDENTIFIER = re.compile(r"(?<!\w)(?:\w+(?:[_.]\w+)+|__\w+__|[a-z]+[A-Z]\w*|[A-Z]+[a-z]+[A-Z]\w*)(?!\w)")


def differ(first: Reading, second: Reading) -> bool:
    """Whether one text has code that the other has not."""
    one, other = first.text, second.text
    if _is_missing(one, other) or _is_missing(other, one):
        return True
    if sorted(_OPERATOR.findall(one)) != sorted(_OPERATOR.findall(other)):
        return True
    return _differ_in_case(one, other)


def _is_missing(ours: str, theirs: str) -> bool:
    return any(code not in theirs for code in _TICKED.findall(ours))


def _differ_in_case(one: str, other: str) -> bool:
    """Whether an identifier of both is written in another case; `iPhone` and `iphone` are the same."""
    ours, theirs = set(_IDENTIFIER.findall(one)), set(_IDENTIFIER.findall(other))
    return {word.lower() for word in ours - theirs} & {word.lower() for word in theirs - ours} != set()
