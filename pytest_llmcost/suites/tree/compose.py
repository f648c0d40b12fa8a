"""libyaml's events become a tree, one by one and never by recursion, so no file can crash or explode it.

Depth is bounded as the events come, aliases and tags are refused where they stand, and
a key that comes twice is a mistake rather than the last one wins.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from typing import Any

import yaml

from pytest_llmcost.suites.tree.nodes import List, Map, Node, Refused, Scalar, core_value
from pytest_llmcost.suites.tree.report import Report, shown

MOST_DEPTH = 64
MOST_NODES = 2_000_000
"""A quarter of a million cases; more would take more than half a gigabyte of memory."""
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def compose(report: Report) -> Node | None:
    """Return the tree of the report's source, or None for an empty file.

    Raises:
        SuiteError: If it is no YAML, nested too deeply, or holds several documents;
            smaller mistakes are left in the report.
    """
    composer = _Composer(report)
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(report.source, Loader=loader):
            composer.take(event)
    except yaml.reader.ReaderError:
        _fail_at_character(report)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        told = ", ".join(part for part in (error.context, error.problem) if part)
        if "nesting depth" in told:  # libyaml may have a bound of its own, and reads ahead of ours
            report.fail(line, column, f"nested deeper than {MOST_DEPTH} levels")
        report.fail(line, column, f"this is no YAML: {told}. Text with signs in it may need quotes")
    return composer.root


def _fail_at_character(report: Report) -> None:
    found = _UNPRINTABLE.search(report.source)
    before = report.source[: found.start()] if found else ""
    lines = _LINE_BREAK.split(before)
    character = f"U+{ord(found[0]):04X}" if found else "a character"
    message = f"{character} may not stand in YAML. Write it as an escape, in double quotes"
    report.fail(len(lines), len(lines[-1]) + 1, message)


class _Frame:
    """A list or mapping that is still open; of a mapping also the key that waits for its value."""

    __slots__ = ("is_flow", "is_spoilt", "key", "node")

    def __init__(self, node: List | Map, *, is_flow: bool) -> None:
        self.node = node
        self.key: Scalar | Refused | None = None
        self.is_flow = is_flow
        self.is_spoilt = False


class _Composer:
    """Takes events, keeps the open lists and mappings on a stack, ends with the root."""

    def __init__(self, report: Report) -> None:
        self.root: Node | None = None
        self._report = report
        self._open: list[_Frame] = []
        self._documents = 0
        self._nodes = 0
        self._takers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceEndEvent: self._end,
            yaml.MappingEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }

    def take(self, event: Any) -> None:
        """Add one event to the tree."""
        taker = self._takers.get(type(event))
        if taker:
            taker(event)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            line, column = _place(event)
            self._report.fail(line, column, "a second document starts here: a suite is one. Split the file")

    def _scalar(self, event: Any) -> None:
        line, column = _place(event)
        raw = event.value
        value = core_value(raw) if event.implicit[0] else raw
        node: Node = Scalar(value, raw, line, column)
        if event.tag is not None:
            node = self._refuse(line, column, _about_tag(event.tag))
        elif isinstance(value, float) and not math.isfinite(value):
            node = self._refuse(line, column, f"{shown(raw)} is no finite number. If it is text, put it in quotes")
        self._attach(node)

    def _alias(self, event: Any) -> None:
        line, column = _place(event)
        self._attach(
            self._refuse(line, column, f"alias {shown(event.anchor)}: aliases are not allowed. Write the value out")
        )

    def _start(self, event: Any) -> None:
        line, column = _place(event)
        if len(self._open) >= MOST_DEPTH:
            self._report.fail(line, column, f"nested deeper than {MOST_DEPTH} levels")
        if event.tag is not None:
            self._refuse(line, column, _about_tag(event.tag))
        node = Map(line, column) if type(event) is yaml.MappingStartEvent else List(line, column)
        self._open.append(_Frame(node, is_flow=bool(event.flow_style)))

    def _end(self, event: Any) -> None:
        frame = self._open.pop()
        node = frame.node
        self._attach(Refused(node.line, node.column) if frame.is_spoilt else node)

    def _attach(self, node: Node) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._report.fail(node.line, node.column, f"more than {MOST_NODES:,} values. Split the file")
        if not self._open:
            self.root = node
            return
        frame = self._open[-1]
        if isinstance(frame.node, List):
            frame.node.items.append(node)
        elif frame.key is None:
            frame.key = self._key(node, frame)
        else:
            self._enter(frame.node, frame.key, node)
            frame.key = None

    def _key(self, node: Node, frame: _Frame) -> Scalar | Refused:
        if isinstance(node, Scalar | Refused):
            return node
        if isinstance(node, Map) and frame.is_flow:
            # `prompt: {{ text }}` without quotes reads as a mapping whose key is a mapping.
            frame.is_spoilt = True
            return self._refuse(node.line, node.column, 'a template needs quotes here: "{{ ... }}"')
        return self._refuse(node.line, node.column, "a key has to be text")

    def _enter(self, mapping: Map, key: Scalar | Refused, node: Node) -> None:
        if isinstance(key, Refused):
            return
        first = mapping.entries.get(key.raw)
        if first:
            self._report.add(key, f"key {shown(key.raw)} is here twice, first in line {first[0].line}. Keep one")
        else:
            mapping.entries[sys.intern(key.raw)] = (key, node)

    def _refuse(self, line: int, column: int, message: str) -> Refused:
        node = Refused(line, column)
        self._report.add(node, message)
        return node


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _about_tag(tag: str) -> str:
    return f"tag {shown(tag)}: tags are not allowed. Write a plain value, text in quotes"
