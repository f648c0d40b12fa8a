"""What a change does to its own judge, in words: one wording for the terminal and every report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_llmcost.domain.alteration import Alteration, Altered
from pytest_llmcost.reports.safe import named, visible

_MOST_NAMED = 8
_CASES = {
    Altered.QUARANTINE: "newly in quarantine, and gated all the same",
    Altered.DELETED: "deleted",
    Altered.EXPECTED: "expected otherwise, or scored otherwise, and set aside",
    Altered.ASKED: "asked otherwise under the same id, and set aside",
}


def altered_lines(alterations: Sequence[Alteration], compared_with: str) -> Iterator[str]:
    """Yield what has to be said loudly, below a heading; nothing where nothing was weakened."""
    weaker = [one for one in alterations if one.is_weaker]
    if weaker:
        yield f"this change alters what judges it; it is judged all the same by {visible(compared_with, 200)}:"
        yield from (f"  {told(one)}" for one in weaker)


def stricter_lines(alterations: Sequence[Alteration]) -> Iterator[str]:
    """Yield a line on each bound that is stricter than the base's, and not yet judged by."""
    yield from (f"{told(one)}; judges once this is merged" for one in alterations if not one.is_weaker)


def told(one: Alteration) -> str:
    """Return one alteration on one line, made inert."""
    place = visible(one.path, 200) + (f"::{visible(one.strategy)}" if one.strategy else "")
    return f"{place}: {_what(one)}"


def _what(one: Alteration) -> str:
    if one.kind in _CASES and one.cases:
        word = "case" if len(one.cases) == 1 else "cases"
        return f"{len(one.cases)} {word} {_CASES[one.kind]}: {named(one.cases, _MOST_NAMED)}"
    what, reason = visible(one.what), visible(one.reason, 300)
    if one.kind in (Altered.GATE, Altered.PRICE):
        of = f" of {named(one.cases, _MOST_NAMED)}" if one.cases else ""
        return f"{what}{of}: {visible(one.before) or '(not stated)'} -> {visible(one.now) or '(not stated)'}"
    if one.kind is Altered.ACCEPTED:
        return f"accepts a loss of {what}, which holds once this is merged: {reason}"
    return reason
