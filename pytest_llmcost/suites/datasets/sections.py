"""Records become cases: columns are renamed, cells take the form of their key, and the rest is a note."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from pytest_llmcost.suites.datasets.records import READERS, Record, Source
from pytest_llmcost.suites.schema.case import CASE
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.files import identity_of
from pytest_llmcost.suites.tree.nodes import List, Map, Node, Scalar, core_value
from pytest_llmcost.suites.tree.plain import BadData, node_of
from pytest_llmcost.suites.tree.references import path_of, told
from pytest_llmcost.suites.tree.report import Report, Spot, did_you_mean, shown
from pytest_llmcost.suites.tree.values import read_value

MOST_CASES = 250_000
"""As many as a suite's own file may hold."""

_TYPED = frozenset({"must_pass", "strict", "threshold"})
_BETWEEN_TAGS = re.compile(r"[\s,;]+")


@dataclass(slots=True)
class Wanted:
    """What the suite makes of its files.

    Attributes:
        fields: What its templates read; None where every column is a field.
        needs_expected: Whether each case has to say what is right.
        unread: Columns that no template reads, as they come up: they are put under `meta`.
    """

    fields: Collection[str] | None
    needs_expected: bool
    unread: set[str] = field(default_factory=set)


def read_sources(settings: Section, wanted: Wanted, report: Report) -> list[Section]:
    """Return the cases of all files that `cases_from` names."""
    written = settings.get("cases_from", [])
    sections: list[Section] = []
    for source in written if isinstance(written, list) else [written]:
        sections += _read_source(source, wanted, report)
    return sections


def _read_source(written: Section | Scalar, wanted: Wanted, report: Report) -> list[Section]:
    about = written if isinstance(written, Section) else Section(written, {"path": written.raw})
    node = about.at("path")
    if "path" not in about.values or not isinstance(node, Scalar):
        return []
    path = path_of(node, report)
    if path is None:
        return []
    source = Source(path, report.root, identity_of(path, report.root), report)
    records = _records(node, source, about.get("limit"), report)
    return _Columns(about, source, wanted).sections(records)


def _records(node: Scalar, source: Source, limit: int | None, report: Report) -> list[Record]:
    reader = READERS.get(Path(node.raw).suffix.lower())
    if reader is None:
        report.add(node, f"{shown(node.raw)} is no file of cases: {', '.join(READERS)} can be read")
        return []
    records: list[Record] = []
    count = len(report)
    with told(node, source.path, report):
        records = list(islice(reader(source), min(limit or MOST_CASES + 1, MOST_CASES + 1)))
    if len(records) > MOST_CASES:
        place = records.pop().place
        report.add(place, f"more than {MOST_CASES:,} cases. Split the file, or set limit")
        return []
    if not records and len(report) == count:
        report.add(node, f"{shown(node.raw)} holds no case")
    return records


class _Columns:
    """The columns of one file, and what becomes of each."""

    def __init__(self, about: Section, source: Source, wanted: Wanted) -> None:
        self._about = about
        self._source = source
        self._wanted = wanted
        self._names: Mapping[str, str] = about.get("rename", {})
        self._is_table = source.path.suffix.lower() in (".csv", ".tsv")
        self._told: set[str] = set()

    def sections(self, records: list[Record]) -> list[Section]:
        """Return the good cases."""
        columns = dict.fromkeys(key for record in records if isinstance(record.data, dict) for key in record.data)
        if not records or not self._are_there(columns):
            return []
        return [section for record in records if (section := self._section(record)) is not None]

    def _are_there(self, columns: Collection[str]) -> bool:
        """Whether the file has the columns that the suite wants; what it lacks is reported, once."""
        report, where = self._source.report, shown(self._source.identity)
        place, count = self._about.at("rename"), len(report)
        for column in self._names.keys() - columns:
            key = place.entries[column][0] if isinstance(place, Map) else place
            there_are = f". There are {', '.join(map(shown, list(columns)[:10]))}"
            report.add(key, f"{where} has no column {shown(column)}{did_you_mean(column, columns) or there_are}")
        names = Counter(self._names.get(column, column) for column in columns)
        for name in sorted(name for name, times in names.items() if times > 1):
            report.add(place, f"two columns of {where} are called {shown(name)} after renaming. Rename the other, too")
        says_it = not self._wanted.needs_expected or {"expected", "scorer"} & names.keys()
        if columns and not says_it and len(report) == count:
            advice = f"Say which one it is, such as cases_from: {{..., rename: {{{list(columns)[-1]}: expected}}}}"
            self._source.tell(1, 1, f"there is no column 'expected'. {advice}")
        return len(report) == count

    def _section(self, record: Record) -> Section | None:
        try:
            node = self._node(record)
        except BadData as error:
            self._source.tell(record.place.line, record.place.column, str(error))
            return None
        section = read_value(CASE, node, "case", self._source.report)
        return section if isinstance(section, Section) else None

    def _node(self, record: Record) -> Node:
        if not isinstance(record.data, dict):
            return node_of(record.data, record.place)
        row = Map(record.place.line, record.place.column, record.place.path)
        notes: dict[str, Any] = {}
        for column, value in record.data.items():
            name = self._names.get(column, column)
            if self._is_kept(name, record.place):
                for node in self._cell(name, value, record.place):
                    row.entries[name] = (Scalar(column, column, row.line, row.column, row.path), node)
            elif name not in CASE.not_yet:
                notes[name] = value
        if notes:
            self._add_notes(row, notes, record.place)
        return row

    def _is_kept(self, name: str, place: Spot) -> bool:
        if name in CASE.not_yet and name not in self._told:
            self._told.add(name)
            self._source.tell(place.line, place.column, f"{shown(name)} is not supported yet. Leave it out")
        fields = self._wanted.fields
        is_field = name not in CASE.not_yet and (fields is None or name in fields)
        if not is_field and name not in CASE.keys:
            self._wanted.unread.add(name)
        return is_field or name in CASE.keys

    def _cell(self, name: str, value: Any, place: Spot) -> Iterator[Node]:
        """Yield the node of a cell; of an empty one that is a case's own key nothing: it is not stated."""
        if not self._is_table or name not in CASE.keys:
            yield node_of(value, place)
        elif name == "tags" and value.strip():
            tags = List(place.line, place.column, place.path)
            tags.items = [node_of(tag, place) for tag in _BETWEEN_TAGS.split(value.strip())]
            yield tags
        elif value:
            typed = core_value(value.strip().lower()) if name in _TYPED else value
            yield Scalar(typed, value, place.line, place.column, place.path)

    def _add_notes(self, row: Map, notes: dict[str, Any], place: Spot) -> None:
        key, meta = row.entries.get("meta", (Scalar("meta", "meta", row.line, row.column, row.path), None))
        added = node_of(notes, place)
        if meta is None:
            row.entries["meta"] = (key, added)
        elif isinstance(meta, Map) and isinstance(added, Map):
            meta.entries |= added.entries
