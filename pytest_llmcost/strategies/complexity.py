"""How hard a request is, told from its text alone: how long it is, how it is built, and what it asks to be done.

A few words and signs, in English; docs/strategies.md says how often it is right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

SIMPLE, MEDIUM, COMPLEX = "simple", "medium", "complex"

_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_HARD = frozenset(
    """analyse analyze argue assess audit critique debug derive design develop diagnose discuss evaluate forecast
    implement investigate justify migrate model negotiate optimise optimize plan prioritise prioritize prove rank
    recommend reconcile reconstruct redesign refactor review simulate solve synthesise synthesize weigh
    architecture assumptions consequences dependencies experiment hypothesis implications requirements risks roadmap
    scenarios strategy trade-off trade-offs tradeoffs""".split()  # noqa: SIM905 (words)
)
_WORK = frozenset(
    """compare convert describe draft edit explain improve outline paraphrase propose reply respond rewrite shorten
    suggest summarise summarize turn why write cons pros""".split()  # noqa: SIM905 (words)
)
_BOUND = frozenset(
    """although assuming considering constraint constraints cannot either except given if must respectively
    step-by-step unless until when whereas which while without within""".split()  # noqa: SIM905 (words)
)
_NAMING = frozenset(["a", "an", "the", "this", "that", "your", "our", "my", "its"])
"""Before these a verb is a noun: `this plan`."""
_CODE = re.compile(r"```|\b(?:def|class|function|SELECT)\b.*[({:]|Traceback|[{};]\s*$", re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*•]|\(?\d+[.)])\s+|[,;:]|\band\b", re.MULTILINE)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”")
_FROM_MEDIUM, _FROM_COMPLEX = 1.0, 2.0


def complexity_of(text: str) -> str:
    """Return `simple`, `medium` or `complex`."""
    score = _score(text)
    return COMPLEX if score >= _FROM_COMPLEX else MEDIUM if score >= _FROM_MEDIUM else SIMPLE


def text_of(fields: Mapping[str, Any]) -> str:
    """Return what a request says: the texts among its fields, one below the other."""
    return "\n".join(value for value in fields.values() if isinstance(value, str))


def _score(text: str) -> float:
    told = _QUOTED.sub(" ", text)  # what is quoted asks for nothing
    words = [word.lower() for word in _WORD.findall(told)]
    asked = {word for before, word in zip(["", *words], words, strict=False) if before not in _NAMING}
    length = min(len(words) / 60, 1.5)
    tasks = 1.2 * min(len(asked & _HARD), 3) + 0.9 * min(len(asked & _WORK), 2)
    bounds = 0.25 * min(sum(word in _BOUND for word in words), 4)
    items = 0.15 * min(len(_ITEM.findall(told)), 8)
    code = 0.8 if _CODE.search(told) else 0.0
    return length + tasks + bounds + items + code
