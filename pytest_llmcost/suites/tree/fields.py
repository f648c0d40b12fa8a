"""What a mapping may hold is written down once, as data: it reads, suggests, and can be described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_llmcost.suites.tree.nodes import List, Map, Node, Scalar
from pytest_llmcost.suites.tree.report import Report, nearest, shown
from pytest_llmcost.suites.tree.values import INVALID, Kind, NotYet, Only, Word, read_value, wrong


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one kind.

    Attributes:
        item: What messages call an item.
        skips_wrong: Whether wrong items are left out; otherwise they make the list `INVALID`.
    """

    kind: Kind
    item: str = ""
    at_least: int = 0
    at_most: int | None = None
    skips_wrong: bool = False
    needed: str = "a list"

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the items."""
        if not isinstance(node, List):
            return wrong(self, node, name, report)
        count = len(node.items)
        if count < self.at_least or (self.at_most is not None and count > self.at_most):
            is_short = count < self.at_least
            bound = f"at least {self.at_least} is needed" if is_short else f"at most {self.at_most} is allowed"
            report.add(node, f"{name} has length {count:,}: {bound}")
            return INVALID
        item = self.item or f"an item of {name}"
        values = [read_value(self.kind, child, item, report) for child in node.items]
        good = [value for value in values if value is not INVALID]
        return good if self.skips_wrong or len(good) == count else INVALID


@dataclass(frozen=True, slots=True)
class NamedOf:
    """A mapping from names to one kind; `title` is what messages call an entry."""

    kind: Kind
    title: str
    name: Kind = field(default_factory=Word)
    needed: str = "a mapping"

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the good entries, in the order of the file."""
        if not isinstance(node, Map):
            return wrong(self, node, name, report)
        good = {}
        for key, (key_node, value_node) in node.entries.items():
            is_named = read_value(self.name, key_node, f"the name of a {self.title}", report) is not INVALID
            value = read_value(self.kind, value_node, f"{self.title} {shown(key)}", report)
            if is_named and value is not INVALID:
                good[key] = value
        return good


@dataclass(frozen=True, slots=True)
class ByShape:
    """Different kinds for a scalar, a list and a mapping."""

    scalar: Kind | None = None
    sequence: Kind | None = None
    mapping: Kind | None = None

    @property
    def needed(self) -> str:
        """All forms, but those that cannot be had yet."""
        kinds = (self.scalar, self.sequence, self.mapping)
        return " or ".join(kind.needed for kind in kinds if kind and not isinstance(kind, NotYet))

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Read it as the kind of its shape."""
        shape = {Scalar: self.scalar, List: self.sequence, Map: self.mapping}
        kind = shape.get(type(node))
        if kind is None or (isinstance(kind, Only) and not kind.accepts(node)):
            return wrong(self, node, name, report)
        return kind.read(node, name, report)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping: what its value may be, and what it is for."""

    kind: Kind
    doc: str
    is_required: bool = False


class Section:
    """A mapping as read: good values by key, and the place of each, good or wrong."""

    __slots__ = ("node", "rest", "values")

    def __init__(self, node: Node, values: dict[str, Any], rest: dict[str, Any] | None = None) -> None:
        self.node = node
        self.values = values
        self.rest = rest or {}

    def __contains__(self, key: str) -> bool:
        """Whether the key is there, be its value good or wrong."""
        return key in self.values or (isinstance(self.node, Map) and key in self.node.entries)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the good value, or *default*."""
        return self.values.get(key, default)

    def at(self, key: str) -> Node:
        """Return the value's place; the section's own where the key is not there."""
        entry = self.node.entries.get(key) if isinstance(self.node, Map) else None
        return entry[1] if entry else self.node

    def key_at(self, key: str) -> Node:
        """Return the key's place; the section's own where it is not there."""
        entry = self.node.entries.get(key) if isinstance(self.node, Map) else None
        return entry[0] if entry else self.node


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
        if not missing or any(key in section for key in self.stand_ins):
            return
        own = section.values.get(self.named_by)
        title = f"{name} {shown(own)}" if isinstance(own, str) else name
        for key in missing:
            if key not in told:
                like = next((other for other in section.rest if nearest(other, [key])), None)
                hint = f" (is it {shown(like)}?)" if like else ""
                report.add(section.node, f"{title} has no {shown(key)}{hint}. Add it: {self.keys[key].doc}")
