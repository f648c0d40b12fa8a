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
    """analyse analyze argue assess critique debug derive design diagnose evaluate implement investigate justify migrate
    negotiate optimise optimize plan prioritise prioritize prove reconcile refactor simulate synthesise synthesize
    architecture implications strategy trade-off trade-offs tradeoffs""".split()  # noqa: SIM905 (words)
)
_WORK = frozenset(
    """compare convert describe draft edit explain extract improve outline paraphrase propose reply respond rewrite
    shorten suggest summarise summarize translate turn why write""".split()  # noqa: SIM905 (words)
)
_BOUND = frozenset(
    """although assuming considering constraint constraints cannot either except given if must respectively
    step-by-step unless until whereas while without within""".split()  # noqa: SIM905 (words)
)
_CODE = re.compile(r"```|\b(?:def|class|function|SELECT)\b.*[({:]|Traceback|[{};]\s*$", re.MULTILINE)
_PART = re.compile(r"^\s*(?:[-*•]|\(?\d+[.)])\s+|;|\?|\b(?:and then|then|also|as well as|finally)\b", re.MULTILINE)
_FROM_MEDIUM, _FROM_COMPLEX = 1.0, 2.6


def complexity_of(text: str) -> str:
    """Return `simple`, `medium` or `complex`."""
    score = _score(text)
    return COMPLEX if score >= _FROM_COMPLEX else MEDIUM if score >= _FROM_MEDIUM else SIMPLE


def text_of(fields: Mapping[str, Any]) -> str:
    """Return what a request says: the texts among its fields, one below the other."""
    return "\n".join(value for value in fields.values() if isinstance(value, str))


def _score(text: str) -> float:
    words = [word.lower() for word in _WORD.findall(text)]
    asked = set(words)
    length = min(len(words) / 60, 1.5)
    tasks = 2.0 * min(len(asked & _HARD), 2) + 0.9 * min(len(asked & _WORK), 2)
    bounds = 0.3 * min(sum(word in _BOUND for word in words), 4)
    parts = 0.25 * min(len(_PART.findall(text)), 6)
    code = 0.8 if _CODE.search(text) else 0.0
    return length + tasks + bounds + parts + code
