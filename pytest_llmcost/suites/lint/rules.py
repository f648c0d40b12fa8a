"""All rules over one text of a prompt."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llmcost.suites.lint.filler import filler
from pytest_llmcost.suites.lint.finding import Edit, Finding, applied, outside
from pytest_llmcost.suites.lint.repeated import repeated
from pytest_llmcost.suites.lint.structured import Count, blocks_of, verbose_json

MOST_FINDINGS = 100
"""In one text: nobody reads more at once, and each is counted by the tokens of the whole text."""


def findings_of(text: str, count: Count) -> list[Finding]:
    """Return what could go from *text*, in its order, the first hundred; words inside of JSON are left alone."""
    blocks = blocks_of(text)
    data = [(block.start, block.end) for block in blocks]
    words = [one for one in filler(text) if one.edit and outside(data, one.edit.start, one.edit.end)]
    found = [*words, *repeated(text, data), *verbose_json(text, blocks, count)]
    return sorted(found, key=lambda one: one.start)[:MOST_FINDINGS]


def lean(text: str, findings: Iterable[Finding]) -> str:
    """Return *text* with all that can be mended mended."""
    edits: list[Edit] = [one.edit for one in findings if one.edit is not None]
    return applied(text, edits)
