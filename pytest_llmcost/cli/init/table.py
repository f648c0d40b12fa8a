"""A CSV file as people save it: a header, then rows that know their line."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.domain.errors import SettingsError

DELIMITERS = ",;\t|"
"""The first of those that part the header most often is the file's; spreadsheets differ by country."""

EXPECTED_NAMES = (
    *("expected", "label", "category", "class", "answer", "target", "output", "gold"),
    *("intent", "sentiment", "topic", "labels", "reply"),
)
TEXT_NAMES = (
    *("text", "body", "message", "question", "prompt", "input", "mail", "email"),
    *("content", "query", "review", "comment", "sentence", "utterance"),
)
_LONGEST_CELL = 10_000_000
_LONGEST_HEADER = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `line` is where it starts, from 1. Its cells may be fewer or more than the columns."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path) -> Table:
    """Return the table in the CSV file *path*.

    Raises:
        SettingsError: If it cannot be read, has no header of two columns, or no row.
    """
    text = _text_of(path)
    rows = [row for row in _rows(path, text, _delimiter_of(text)) if any(cell.strip() for cell in row.cells)]
    columns = tuple(cell.strip() for cell in rows[0].cells) if rows else ()
    if len(columns) < 2:
        raise _wrong(path, f":1: a header with two columns or more is needed, such as text,label; there are {columns}.")
    if len(rows) < 2:
        raise _wrong(path, " has a header and no rows. Give it a row a case.")
    return Table(path.name, columns, tuple(rows[1:]))


def _text_of(path: Path) -> str:
    from pytest_llmcost.suites.tree.files import Unreadable, read_text

    try:
        return read_text(path, path.resolve().parent)
    except Unreadable as fault:
        place = f":{fault.line}:{fault.column}" if fault.line else ""
        raise _wrong(path, f"{place}: {fault}.") from fault


def _delimiter_of(text: str) -> str:
    header = next((line for line in text[:_LONGEST_HEADER].splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda delimiter: len(next(csv.reader([header], delimiter=delimiter), ())))


def _rows(path: Path, text: str, delimiter: str) -> Iterator[Row]:
    before = csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield Row(line, tuple(cells))
            line = reader.line_num + 1
    except csv.Error as fault:
        raise _wrong(path, f":{line}: this row is no CSV: {fault}. Look for a quote that is not closed.") from fault
    finally:
        csv.field_size_limit(before)


def _wrong(path: Path, what: str) -> SettingsError:
    return SettingsError(f"{path}{what}", key="--csv")


def choose_columns(table: Table, text: str | None, expected: str | None) -> tuple[int, int]:
    """Return which column is asked about and which is expected, counted from 0.

    Args:
        table: The table.
        text: The first one's name, where the user says so; else a usual name, else the longest column.
        expected: The second one's name, where the user says so; else a usual name, else the last other column.

    Raises:
        SettingsError: If there is no column of that name, or one is named for both.
    """
    asked = _named(table, text, "--text") if text else None
    answer = _named(table, expected, "--expected") if expected else None
    if asked is not None and asked == answer:
        raise SettingsError(f"column {table.columns[asked]!r} cannot be both --text and --expected.", key="--expected")
    if asked is None:
        asked = _usual(table, TEXT_NAMES, but=answer)
    if answer is None:
        answer = _usual(table, EXPECTED_NAMES, but=asked)
    if answer is None:
        answer = max(place for place in range(len(table.columns)) if place != asked)
    if asked is None:
        asked = max((p for p in range(len(table.columns)) if p != answer), key=lambda place: _length(table, place))
    return asked, answer


def _named(table: Table, name: str, option: str) -> int:
    found = _usual(table, (name,))
    if found is None:
        near = difflib.get_close_matches(name.lower(), [column.lower() for column in table.columns], n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        there_are = ", ".join(map(repr, table.columns[:20]))
        raise SettingsError(f"{option}: {table.name} has no column {name!r}.{hint}\nThere are {there_are}", key=option)
    return found


def _usual(table: Table, names: Sequence[str], but: int | None = None) -> int | None:
    columns = [column.lower() for column in table.columns]
    found = (columns.index(name.lower()) for name in names if name.lower() in columns)
    return next((place for place in found if place != but), None)


def _length(table: Table, place: int) -> int:
    return sum(len(row.cells[place]) for row in table.rows if place < len(row.cells))
