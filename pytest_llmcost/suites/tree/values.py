"""What a single value may be: it is read as it is written, or refused with what is needed.

A kind reads a node and returns plain data. Where the node is wrong it tells the report
and returns `INVALID`, so that one mistake is one problem and reading goes on.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Literal, Protocol

from pytest_llmcost.suites.tree.nodes import List, Node, Refused, Scalar, core_value, data_of
from pytest_llmcost.suites.tree.report import Report, did_you_mean, shown


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


def wrong(kind: Kind, node: Node, name: str, report: Report, advice: str = "") -> Any:
    """Report that *node* is not of *kind*, and return `INVALID`."""
    report.add(node, f"{name} is {_described(node)}: {kind.needed} is needed{advice}")
    return INVALID


def _about_null(node: Node) -> str:
    """Return what to do where `null` or `~` is written and a text was meant."""
    return f"; {node.raw} is none in YAML: put it in quotes" if isinstance(node, Scalar) and node.raw else ""


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
            return wrong(self, node, name, report, _about_null(node))
        if not isinstance(node.value, str):
            return wrong(self, node, name, report, "; put it in quotes")
        if not self.may_be_blank and not node.value.strip():
            report.add(node, f"{name} is empty. Write it, or leave the key out")
            return INVALID
        return node.value


@dataclass(frozen=True, slots=True)
class Word:
    """A scalar as it is written: `no`, `010`, `1e3` and `12:30` are the texts that they look like.

    Attributes:
        pattern: Has to match all of it; `needed` then says in words what matches.
        refused: Texts that may not stand here, with the reason.
    """

    pattern: str = ""
    longest: int | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    needed: str = "text"

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the text as written."""
        if not isinstance(node, Scalar) or node.value is None:
            return wrong(self, node, name, report, _about_null(node))
        if self.longest is not None and len(node.raw) > self.longest:
            report.add(node, f"{name} has {len(node.raw):,} characters: at most {self.longest:,} are allowed")
            return INVALID
        if self.pattern and not re.fullmatch(self.pattern, node.raw):
            return wrong(self, node, name, report)
        if node.raw in self.refused:
            report.add(node, f"{name} may not be {shown(node.raw)}: {self.refused[node.raw]}")
            return INVALID
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
        kind = "a whole number" if self.is_whole else "a number"
        above = "" if self.above is None else f" above {self.above:,}"
        low = "" if self.low is None else f" from {self.low:,}"
        high = "" if self.high is None else f" up to {self.high:,}"
        return kind + above + low + high

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the number, whole where it is written so."""
        if not isinstance(node, Scalar) or isinstance(node.value, bool | None):
            return wrong(self, node, name, report)
        if isinstance(node.value, str):
            is_quoted = isinstance(core_value(node.value), int | float)
            return wrong(self, node, name, report, ", without quotes" if is_quoted else "")
        return node.value if self._holds(node.value) else wrong(self, node, name, report)

    def _holds(self, value: float) -> bool:
        return (
            (isinstance(value, int) or (math.isfinite(value) and not self.is_whole))
            and (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and (self.above is None or value > self.above)
        )


@dataclass(frozen=True, slots=True)
class Money:
    """US dollars, exactly as written."""

    needed: str = "a number from 0, in US dollars,"

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the amount as a Decimal."""
        if not isinstance(node, Scalar) or isinstance(node.value, bool | str | None) or not 0 <= node.value < math.inf:
            return wrong(self, node, name, report)
        return Decimal(node.value) if isinstance(node.value, int) else Decimal(node.raw)


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`; `yes` and `on` are text under YAML 1.2."""

    needed: str = "true or false"

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the boolean."""
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        return wrong(self, node, name, report)


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
        return self.value if self.accepts(node) else wrong(self, node, name, report)

    def accepts(self, node: Node) -> bool:
        """Return whether *node* is that value."""
        return isinstance(node, Scalar) and node.value is self.value


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words; those of the contract that cannot be had yet are named so."""

    options: tuple[str, ...]
    not_yet: frozenset[str] = frozenset()

    @property
    def needed(self) -> str:
        """The words."""
        *others, last = self.options
        return f"{', '.join(others)} or {last}" if others else last

    def read(self, node: Node, name: str, report: Report) -> Any:
        """Return the word."""
        if not isinstance(node, Scalar) or node.value is None:
            return wrong(self, node, name, report)
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
