"""A file of cases is read record by record, each with the line it begins in, and never further than is asked."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_llmcost.suites.tree.files import Unreadable, lines_of, opened, read_text
from pytest_llmcost.suites.tree.plain import BadData, decoded
from pytest_llmcost.suites.tree.report import Report, Spot, shown

MOST_TABLE_BYTES = 2**30
_LONGEST_LINE = 2**20
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Record:
    """One case as the file has it: of a table always a mapping of texts."""

    place: Spot
    data: Any


@dataclass(frozen=True, slots=True)
class Source:
    """An open question to a file: where it is, how it is called, and who hears of its mistakes."""

    path: Path
    root: Path
    identity: str
    report: Report

    def tell(self, line: int, column: int, message: str) -> None:
        """Report a mistake in the file."""
        self.report.add(Spot(line, column, self.identity), message)


def table(source: Source) -> Iterator[Record]:
    """Yield the rows of a CSV file, with quotes as spreadsheets write them; what its header separates is separated."""
    with opened(source.path, source.root, MOST_TABLE_BYTES) as file:
        lines = lines_of(file, _LONGEST_LINE)
        first = next(lines, "")
        delimiter = max(_DELIMITERS, key=first.count)
        rows = csv.reader(_chained(first, lines), delimiter=delimiter, strict=True)
        yield from _rows(rows, source)


def json_lines(source: Source) -> Iterator[Record]:
    """Yield the values of a JSON Lines file; a line that is no JSON is reported and left out."""
    with opened(source.path, source.root, MOST_TABLE_BYTES) as file:
        for number, line in enumerate(lines_of(file, _LONGEST_LINE), 1):
            if not line.strip():
                continue
            try:
                value, end = decoded(line)
            except BadData as error:
                source.tell(number, error.column, str(error))
                continue
            if line[end:].strip():
                source.tell(number, end + 1, "a second value is on this line. Write one a line")
            else:
                yield Record(Spot(number, 1, source.identity), value)


def json_list(source: Source) -> Iterator[Record]:
    """Yield the items of the list that a JSON file holds."""
    text = read_text(source.path, source.root)
    at = _past_blanks(text, 0)
    if text[at : at + 1] != "[":
        raise Unreadable("the file is no list of cases: [ ... ] is needed", 1, 1)
    line, counted, follows = 1, 0, False
    while True:
        at = _past_blanks(text, at + 1)
        if text[at : at + 1] == "]" and not follows:
            break
        line, counted = line + text.count("\n", counted, at), at
        column = at - text.rfind("\n", 0, at)
        try:
            value, end = decoded(text, at)
        except BadData as error:
            place = (error.line, error.column) if error.line > 1 else (line, max(column, error.column))
            raise Unreadable(str(error), *place) from error
        yield Record(Spot(line, column, source.identity), value)
        at = _past_blanks(text, end)
        if text[at : at + 1] == "]":
            break
        if text[at : at + 1] != ",":
            raise Unreadable("this is no JSON: ',' or ']' is needed after this case", line, column)
        follows = True
    if text[at + 1 :].strip():
        raise Unreadable("more follows the end of the list", line, 1)


READERS: Mapping[str, Callable[[Source], Iterator[Record]]] = {
    ".csv": table,
    ".tsv": table,
    ".jsonl": json_lines,
    ".ndjson": json_lines,
    ".json": json_list,
}
"""By the suffix of the file."""


def _chained(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield from others


def _rows(rows: Any, source: Source) -> Iterator[Record]:
    header = _next(rows, 0) or []
    names = [name.strip() for name in header]
    for name in sorted({name for name in names if names.count(name) > 1}):
        source.tell(1, 1, f"column {shown(name)} is here twice. Name each column once")
    ended = rows.line_num
    while (cells := _next(rows, ended)) is not None:
        line, ended = ended + 1, rows.line_num
        if len(cells) == len(names):
            yield Record(Spot(line, 1, source.identity), dict(zip(names, cells, strict=True)))
        elif any(cells):
            source.tell(line, 1, f"the row has {len(cells)} cells: the header has {len(names)}")


def _next(rows: Any, ended: int) -> list[str] | None:
    """Return the next row, or None at the end; *ended* is the line that the last one ended in."""
    try:
        row: list[str] | None = next(rows, None)
    except csv.Error as error:
        raise Unreadable(f"this is no CSV: {error}", ended + 1, 1) from error
    return row


def _past_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
