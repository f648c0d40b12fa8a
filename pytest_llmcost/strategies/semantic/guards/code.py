"""Code: identifiers, operators and flags, letter by letter."""

from __future__ import annotations

import re

from pytest_llmcost.strategies.semantic.guards.reading import Reading

_TICKED = re.compile(r"`([^`]+)`")
_OPERATOR = re.compile(
    r"[=!<>+]=+|&&?|\|\|?|\+\+|--(?!\w)|->|<<|>>|//|\*\*|[<>*^~]"  # between names
    r"|(?<=\d)\s?[+*]\s?(?=\d)|(?<=\d)\s[-/]\s(?=\d)"  # between numbers; 3-5 and 1/2 are none
    r"|\[[^\]\s]{0,40}\]"  # an index
    r"|(?<!\w)--?[A-Za-z][\w-]*"  # a flag
)
_WORD = re.compile(r"[^\W\d][\w.]*\w")
_CAMEL = re.compile(r"[a-z][A-Z]")


def differ(first: Reading, second: Reading) -> bool:
    """Whether one text has code that the other has not."""
    one, other = first.text, second.text
    if _is_missing(one, other) or _is_missing(other, one):
        return True
    return _operators(one) != _operators(other) or _have_other_identifiers(one, other)


def _is_missing(ours: str, theirs: str) -> bool:
    return any(code not in theirs for code in _TICKED.findall(ours))


def _operators(text: str) -> list[str]:
    return sorted(found.strip() for found in _OPERATOR.findall(text))


def _have_other_identifiers(one: str, other: str) -> bool:
    """Whether each has an identifier that the other has not; `iPhone` and `iphone` are the same."""
    ours, theirs = _identifiers(one), _identifiers(other)
    return bool(ours - theirs) and bool(theirs - ours)


def _identifiers(text: str) -> set[str]:
    return {word for word in _WORD.findall(text) if "_" in word or "." in word or _CAMEL.search(word)}
