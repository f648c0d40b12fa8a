"""Kinds made of kinds: lists, names, and values that may have several forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pytest_llmcost.suites.tree.nodes import List, Map, Node, Scalar
from pytest_llmcost.suites.tree.report import Report, shown
from pytest_llmcost.suites.tree.values import INVALID, Kind, Number, Only, Word, read_value, wrong


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
        """All forms."""
        kinds = (self.scalar, self.sequence, self.mapping)
        return " or ".join(kind.needed for kind in kinds if kind)

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Read it as the kind of its shape."""
        shape = {Scalar: self.scalar, List: self.sequence, Map: self.mapping}
        kind = shape.get(type(node))
        if kind is None or (isinstance(kind, Only) and not kind.accepts(node)):
            return wrong(self, node, name, report)
        return kind.read(node, name, report)


@dataclass(frozen=True, slots=True)
class FlagOr:
    """`true`, `false`, or a number."""

    number: Number

    @property
    def needed(self) -> str:
        """Both forms."""
        return f"true, false or {self.number.needed}"

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the boolean or the number."""
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool):
            return value
        return (
            self.number.read(node, name, report) if isinstance(value, int | float) else wrong(self, node, name, report)
        )


@dataclass(frozen=True, slots=True)
class Later:
    """A value that is read when all that it depends on is known.

    Attributes:
        kind: The forms that it may have.
        is_checked: Whether it has to be of that kind already.
        may_be_null: Whether nothing at all may stand there, too.
    """

    kind: Kind
    is_checked: bool = False
    may_be_null: bool = False

    @property
    def needed(self) -> str:
        """As the kind says."""
        return self.kind.needed

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the node itself."""
        return INVALID if self.is_checked and self.kind.read(node, name, report) is INVALID else node
