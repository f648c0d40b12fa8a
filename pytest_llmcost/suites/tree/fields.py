"""What a mapping may hold is written down once, as data: it reads, suggests, and can be described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_llmcost.suites.tree.nodes import Map, Node, Scalar
from pytest_llmcost.suites.tree.report import Report, nearest, shown
from pytest_llmcost.suites.tree.values import INVALID, Kind, read_value, wrong


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping: what its value may be, and what it is for."""

    kind: Kind
    doc: str
    is_required: bool = False


Places = Mapping[str, tuple[Node, Node]]
"""Key node and value node by key."""


class Section:
    """A mapping as read: good values by key, and the place of each, good or wrong.

    `entries` has key node and value node by key; without them those of *node*.
    """

    __slots__ = ("entries", "node", "rest", "values")

    def __init__(self, node: Node, values: dict[str, Any], entries: Places | None = None) -> None:
        self.node = node
        self.values = values
        self.entries: Places = (node.entries if isinstance(node, Map) else {}) if entries is None else entries
        self.rest: dict[str, Any] = {}

    def __contains__(self, key: str) -> bool:
        """Whether the key is there, be its value good or wrong."""
        return key in self.values or key in self.entries

    def get(self, key: str, default: Any = None) -> Any:
        """Return the good value, or *default*."""
        return self.values.get(key, default)

    def at(self, key: str) -> Node:
        """Return the value's place; the section's own where the key is not there."""
        entry = self.entries.get(key)
        return entry[1] if entry else self.node

    def key_at(self, key: str) -> Node:
        """Return the key's place; the section's own where it is not there."""
        entry = self.entries.get(key)
        return entry[0] if entry else self.node


def first_said(key: str, layers: Sequence[Section], default: Any = None) -> Any:
    """Return what the first of *layers* that has *key* says there; None where that is wrong."""
    return next((section.get(key) for section in layers if key in section), default)


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of known keys.

    Attributes:
        title: What messages call it, where nothing above gives it a name.
        not_yet: Keys of the contract that cannot be had yet.
        refused: Keys that never may stand here, with the reason.
        rest: What any other key's value may be; None: other keys are unknown.
        named_by: Key whose value tells this mapping from its like in messages.
        stand_ins: Keys of which one makes the required ones needless.
    """

    title: str
    keys: Mapping[str, Key]
    not_yet: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)
    rest: Kind | None = None
    named_by: str = ""
    stand_ins: frozenset[str] = frozenset()
    needed: str = "a mapping"

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return a `Section`."""
        if not isinstance(node, Map):
            return wrong(self, node, name, report)
        section = Section(node, {})
        told: set[str] = set()
        for key, (key_node, value_node) in node.entries.items():
            known = self.keys.get(key)
            if known:
                value = read_value(known.kind, value_node, key, report)
                if value is not INVALID:
                    section.values[key] = value
            elif self.rest is None or key in self.not_yet:
                told |= self._tell(key, key_node, report)
            else:
                value = read_value(self.rest, value_node, key, report)
                section.rest[key] = None if value is INVALID else value
        self._require(section, told, name, report)
        return section

    def _tell(self, key: str, node: Scalar, report: Report) -> set[str]:
        """Report a key that may not stand here; return the known key that seems to be meant, if any."""
        meant = None
        if key in self.not_yet:
            report.add(node, f"{shown(key)} is not supported yet. Leave it out")
        elif key in self.refused:
            report.add(node, f"{shown(key)} may not stand in {self.title}: {self.refused[key]}")
        else:
            meant = nearest(key, {*self.keys, *self.not_yet})
            advice = f" (did you mean {shown(meant)}?)" if meant else f". Known here: {', '.join(self.keys)}"
            report.add(node, f"unknown key {shown(key)} in {self.title}{advice}")
        return {meant} if meant else set()

    def _require(self, section: Section, told: set[str], name: str, report: Report) -> None:
        missing = [key for key, known in self.keys.items() if known.is_required and key not in section]
        if missing and not any(key in section for key in self.stand_ins):
            for key in missing:
                if key not in told:
                    self.tell_missing(key, section, name, report)

    def tell_missing(self, key: str, section: Section, name: str, report: Report) -> None:
        """Report that *section*, which messages call *name*, lacks *key*."""
        own = section.values.get(self.named_by)
        title = f"{name} {shown(own)}" if isinstance(own, str) else name
        like = next((other for other in section.rest if nearest(other, [key])), None)
        hint = f" (is it {shown(like)}?)" if like else ""
        report.add(section.node, f"{title} has no {shown(key)}{hint}. Add it: {self.keys[key].doc}")
