"""Days and times of day: `on Monday`, `10 pm`, `yesterday`, `in May`."""

from __future__ import annotations

from pytest_llmcost.strategies.semantic.guards.reading import Reading

_SAME = {
    "tonight": ("today", "evening"),
    "night": ("evening",),
    "midday": ("noon",),
    "xmas": ("christmas",),
    **{day + "s": (day,) for day in ("morning", "evening", "afternoon", "weekend")},
    "jan": ("january",),
    "feb": ("february",),
    "apr": ("april",),
    "jun": ("june",),
    "jul": ("july",),
    "aug": ("august",),
    "sep": ("september",),
    "sept": ("september",),
    "oct": ("october",),
    "nov": ("november",),
    "dec": ("december",),
}
_DATES = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february april june july august
    september october november december today tomorrow yesterday morning noon afternoon evening midnight weekend
    summer autumn winter christmas easter eve""".split()  # noqa: SIM905 (words)
)
_MONTH_OR_VERB = frozenset(["may", "march"])
_BEFORE_A_MONTH = frozenset("in of until till since by from to last next this early late mid before after".split())  # noqa: SIM905
_BEFORE_FALL = frozenset(["the", "in", "this", "last", "next"])
_AFTER_A_NUMBER = frozenset(["am", "pm", "bc", "ad", "bce", "ce"])
_RELATIVE = frozenset(["last", "next", "this"])
_PERIODS = frozenset("day week month quarter year night decade century spring fall summer autumn winter".split())  # noqa: SIM905


def differ(first: Reading, second: Reading) -> bool:
    """Whether one text names a day or a time that the other does not."""
    return _dates(first.words) != _dates(second.words)


def is_date(word: str) -> bool:
    """Whether a word, in lower case, may name a day or a time."""
    return word in _DATES or word in _SAME or word in _MONTH_OR_VERB


def _dates(words: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for before, word, after in zip(("", *words), words, (*words[1:], ""), strict=False):
        if word in _MONTH_OR_VERB:
            if before in _BEFORE_A_MONTH or before[-1:].isdecimal() or after[:1].isdecimal():
                found.add(word)
        elif word in _AFTER_A_NUMBER:
            if before[-1:].isdecimal() or before == "century":
                found.add(word)
        elif word == "fall":
            if before in _BEFORE_FALL and after != "of":
                found.add("autumn")
        elif word in _RELATIVE:
            if after in _PERIODS or after in _DATES:
                found.add(word)
        else:
            found.update(_SAME.get(word, (word,) if word in _DATES else ()))
    return found
