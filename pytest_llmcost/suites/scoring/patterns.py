"""Regular expressions of a suite are compiled by the module that can stop them."""

from __future__ import annotations

from functools import lru_cache

from pytest_llmcost.suites.tree.nodes import Node
from pytest_llmcost.suites.tree.report import Report, shown

LONGEST = 1_000


def check_pattern(pattern: str, place: Node, report: Report) -> bool:
    """Return whether *pattern* can be used; what is wrong with it is reported."""
    fault = _fault_of(pattern)
    if fault:
        report.add(place, fault)
    return not fault


@lru_cache(maxsize=1024)
def _fault_of(pattern: str) -> str:
    import regex

    if len(pattern) > LONGEST:
        return f"the pattern has {len(pattern):,} characters: at most {LONGEST:,} are allowed"
    try:
        regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        return f"pattern {shown(pattern)} is wrong: {error}"
    return ""
