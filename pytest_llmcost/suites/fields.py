"""What a value may be is written down once, as data: it reads, refuses, suggests, and can be described.

A kind reads a node and returns plain data. Where the node is wrong it tells the report
and returns `INVALID`, so that one mistake is one problem and reading goes on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Literal, Protocol

from pytest_llmcost.suites.nodes import List, Map, Node, Refused, Scalar, data_of
from pytest_llmcost.suites.report import Report, did_you_mean, nearest, shown


class _Invalid(Enum):
    INVALID = "invalid"


INVALID: Final[Literal[_Invalid.INVALID]] = _Invalid.INVALID
"""Stands for a value whose mistake is reported."""


class Kind(Protocol):
    """What a value may be."""

    @property
    def needed(self) -> str:
        """What to write, for messages: `text`, `a number from 0 to 1`."""
        ...

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the value of *node*, which messages call *name*, or `INVALID`."""
        ...


def read_value(kind: Kind, node: Node, name: str, report: Report) -> Any:
    """Read *node* as *kind*; a node that is refused already stays `INVALID` without a word."""
    return INVALID if isinstance(node, Refused) else kind.read(node, name, report)


def _wrong(kind: Kind, node: Node, name: str, report: Report, advice: str = "") -> Any:
    report.add(node, f"{name} is {_described(node)}: {kind.needed} is needed{advice}")
    return INVALID


def _described(node: Node) -> str:
    if isinstance(node, List):
        return "a list"
    if not isinstance(node, Scalar):
        return "a mapping"
    if node.value is None:
        return "nothing"
    return shown(node.raw) if isinstance(node.value, str) else node.raw[:40]


@dataclass(frozen=True, slots=True)
class Text:
    """A string; a number or a boolean has to be put in quotes to be one."""

    may_be_blank: bool = False
    needed: str = "text"

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the text."""
        if not isinstance(node, Scalar) or node.value is None:
            return _wrong(self, node, name, report)
        if not isinstance(node.value, str):
            return _wrong(self, node, name, report, "; put it in quotes")
        if not self.may_be_blank and not node.value.strip():
            report.add(node, f"{name} is empty. Write it, or leave the key out")
            return INVALID
        return node.value


@dataclass(frozen=True, slots=True)
class Word:
    """A scalar as it is written: `no`, `010`, `1e3` and `12:30` are the texts that they look like.

    `pattern` has to match all of it; `needed` then says in words what matches.
    """

    pattern: str = ""
    longest: int | None = None
    needed: str = "text"

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the text as written."""
        if not isinstance(node, Scalar) or node.value is None:
            return _wrong(self, node, name, report)
        if self.longest is not None and len(node.raw) > self.longest:
            report.add(node, f"{name} has {len(node.raw):,} characters: at most {self.longest} are allowed")
            return INVALID
        if self.pattern and not re.fullmatch(self.pattern, node.raw):
            return _wrong(self, node, name, report)
        return node.raw


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds; `above` is a lower bound that is itself too small."""

    low: float | None = None
    high: float | None = None
    above: float | None = None
    is_whole: bool = False

    @property
    def needed(self) -> str:
        """The bounds in words."""
        bounds = (
            f"above {self.above:,}" if self.above is not None else "",
            f"from {self.low:,}" if self.low is not None else "",
            f"up to {self.high:,}" if self.high is not None else "",
        )
        return " ".join(filter(None, ("a whole number" if self.is_whole else "a number", *bounds)))

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the number, whole where it is written so."""
        if not isinstance(node, Scalar):
            return _wrong(self, node, name, report)
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int if self.is_whole else int | float):
            is_quoted = isinstance(value, str) and value.strip().replace(".", "", 1).isdecimal()
            return _wrong(self, node, name, report, ", without quotes" if is_quoted else "")
        assert isinstance(value, int | float)
        return value if self._holds(value) else _wrong(self, node, name, report)

    def _holds(self, value: float) -> bool:
        return (
            (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and (self.above is None or value > self.above)
        )


@dataclass(frozen=True, slots=True)
class Money:
    """US dollars, exactly as written."""

    needed: str = "a number from 0, in US dollars,"

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the amount as a Decimal."""
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            return _wrong(self, node, name, report)
        assert isinstance(node, Scalar)
        return Decimal(value) if isinstance(value, int) else Decimal(node.raw)


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`; `yes` and `on` are text under YAML 1.2."""

    needed: str = "true or false"

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the boolean."""
        is_boolean = isinstance(node, Scalar) and isinstance(node.value, bool)
        return node.value if is_boolean and isinstance(node, Scalar) else _wrong(self, node, name, report)


@dataclass(frozen=True, slots=True)
class Only:
    """One single boolean: `gate` may be `false`, and never `true`."""

    value: bool

    @property
    def needed(self) -> str:
        """The value as written."""
        return str(self.value).lower()

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the boolean."""
        return self.value if isinstance(node, Scalar) and node.value is self.value else _wrong(self, node, name, report)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words; those of the contract that cannot be had yet are named so."""

    options: tuple[str, ...]
    not_yet: frozenset[str] = frozenset()

    @property
    def needed(self) -> str:
        """The words."""
        return " or ".join(self.options)

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the word."""
        if not isinstance(node, Scalar) or node.value is None:
            return _wrong(self, node, name, report)
        if node.raw in self.options:
            return node.raw
        if node.raw in self.not_yet:
            report.add(node, f"{name} {shown(node.raw)} is not supported yet. Use {self.needed}")
        else:
            hint = did_you_mean(node.raw, {*self.options, *self.not_yet})
            report.add(node, f"unknown {name} {shown(node.raw)}{hint}" + ("" if hint else f". Use {self.needed}"))
        return INVALID


@dataclass(frozen=True, slots=True)
class Data:
    """Anything: it is kept as plain data."""

    needed: str = "a value"

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return plain data."""
        return data_of(node)


@dataclass(frozen=True, slots=True)
class NotYet:
    """A form of the contract that cannot be had yet."""

    what: str
    instead: str

    @property
    def needed(self) -> str:
        """What to write instead."""
        return self.instead

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Report it."""
        report.add(node, f"{self.what} is not supported yet. Use {self.instead}")
        return INVALID


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
            return _wrong(self, node, name, report)
        count = len(node.items)
        if count < self.at_least or (self.at_most is not None and count > self.at_most):
            bound = f"at least {self.at_least}" if count < self.at_least else f"at most {self.at_most}"
            report.add(node, f"{name} has {count:,} items: {bound} are needed")
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
            return _wrong(self, node, name, report)
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
        return kind.read(node, name, report) if kind else _wrong(self, node, name, report)


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
            return _wrong(self, node, name, report)
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
