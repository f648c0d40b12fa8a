"""A case in quarantine has a reason, and mostly a day from which it is a mistake."""

from __future__ import annotations

import re
from datetime import date

from pytest_llmcost.suites.tree.nodes import Node
from pytest_llmcost.suites.tree.report import Report, shown

_UNTIL = re.compile(r"(?:^|[\s,;(])until:?\s+(?P<day>[0-9].*?)[\s).]*$", re.IGNORECASE | re.DOTALL)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def check_quarantine(text: str, place: Node, today: date, report: Report) -> None:
    """Report a quarantine without a reason, with a day that is none, or whose day is past."""
    until = _UNTIL.search(text)
    reason = (text[: until.start()] if until else text).strip()
    if not reason or _DAY.fullmatch(reason):
        report.add(place, f"quarantine is {shown(text)}: a reason is needed, such as 'ambiguous, until 2027-01-31'")
    elif until:
        _check_day(until["day"], place, today, report)


def _check_day(day: str, place: Node, today: date, report: Report) -> None:
    try:
        last = date.fromisoformat(day) if _DAY.fullmatch(day) else None
    except ValueError:
        last = None
    if last is None:
        report.add(place, f"{shown(day)} is no day. Write: until YYYY-MM-DD")
    elif today > last:
        report.add(place, f"the quarantine ended on {day}. Mend the case, drop it, or set a new day")
