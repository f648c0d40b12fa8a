"""What a strategy is called where it stands without a name, and as what a name alone is read."""

from __future__ import annotations

from collections import Counter

from pytest_llmcost.suites.schema.strategy import MODEL, USE, WHO
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import Node


def as_section(key: str, named: str | Section, place: Node) -> Section:
    """Return a name alone, or an inline strategy, as what a strategy says of itself."""
    return named if isinstance(named, Section) else Section(place, {key: named}, {key: (place, place)})


def step_names(written: list[Section]) -> list[str]:
    """Return what each step is called: as what it uses, with a number where two use the same."""
    counts: Counter[str] = Counter()
    numbered = []
    for name in map(name_of, written):
        counts[name] += 1
        numbered.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return numbered


def name_of(section: Section) -> str:
    """Return what a strategy without a name is called: as what it uses, or as what it is."""
    key = next((key for key in WHO if key in section), "")
    written = section.get(key)
    if isinstance(written, Section) and key in (MODEL, USE):
        return name_of(written)
    return written if isinstance(written, str) and key in (MODEL, USE) else key
