"""Who does what to whom: `from Rome to Oslo` is not `from Oslo to Rome`."""

from __future__ import annotations

from itertools import pairwise

from pytest_llmcost.strategies.semantic.guards.reading import MONTHS, Reading, stem

_WITHOUT_WEIGHT = frozenset("a an both the do does did please is are was were".split())  # noqa: SIM905 (words)
_SAME = {"i": "me", "my": "me", "mine": "me"}
_LINKS = frozenset(["and", "or", "nor", "versus", "vs"])
_ROLES = frozenset("from to into onto than before after not".split())  # noqa: SIM905 (words)


def differ(first: Reading, second: Reading) -> bool:
    """Whether the same words stand in another order, or two things have changed places."""
    ours, theirs = _line(first), _line(second)
    if ours == theirs:
        return False
    if sorted(ours) == sorted(theirs):
        return not (_is_turned(ours, theirs) or _is_relinked(ours, theirs))
    return _have_changed_roles(ours, theirs)


def _line(reading: Reading) -> list[str]:
    """Return the words whose order matters; `3 March` is `March 3`."""
    line = [stem(_SAME.get(word, word)) for word in reading.words if word not in _WITHOUT_WEIGHT]
    for place, (day, month) in enumerate(pairwise(line)):
        if month in MONTHS and day.isdecimal():
            line[place : place + 2] = [month, day]
    return line


def _is_turned(ours: list[str], theirs: list[str]) -> bool:
    """Whether a part has only moved to the front: `In Excel, how do I sort?`."""
    return f" {' '.join(theirs)} " in f" {' '.join(ours + ours)} "


def _is_relinked(ours: list[str], theirs: list[str]) -> bool:
    """Whether only both sides of an `and` or an `or` have changed places."""
    changed = [place for place, (one, other) in enumerate(zip(ours, theirs, strict=True)) if one != other]
    return len(changed) == 2 and changed[1] - changed[0] == 2 and ours[changed[0] + 1] in _LINKS


def _have_changed_roles(ours: list[str], theirs: list[str]) -> bool:
    """Whether what follows `from`, `to`, ... in one text is elsewhere in the other, and the other way round."""
    first, second = _roles(ours), _roles(theirs)
    return any(
        first[role] != second[role] and first[role] in theirs and second[role] in ours
        for role in first.keys() & second.keys()
    )


def _roles(words: list[str]) -> dict[str, str]:
    return {role: word for role, word in pairwise(words) if role in _ROLES}
