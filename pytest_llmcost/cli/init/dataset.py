"""From rows to cases: what is left out is named by its line, what is double is kept once, some become examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

from pytest_llmcost.cli.init.table import Row, Table

MOST_LABELS = 10
MOST_CASES = 500
MOST_EXAMPLES = 8
FEWEST_ROWS_FOR_EXAMPLES = 40
LONGEST_EXAMPLES = 6_000
"""Characters of all examples together: they are paid for with every call, and a small model's window is soon full."""
LONGEST_CASE = 200_000
_LONGEST_ID = 200
_MOST_NAMED = 10

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Solved:
    """A row that can be asked about; `id` is empty where the file has none."""

    line: int
    text: str
    expected: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a suite is made of.

    Attributes:
        labels: The closed set of answers, sorted; empty where there are too many, or one alone.
        notes: What was left out, joined or set aside, for the user.
    """

    cases: tuple[Solved, ...]
    examples: tuple[Solved, ...] = ()
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_told_by_token(self) -> bool:
        """Whether no label is the beginning of another one: then the first token tells them apart."""
        folded = sorted(label.lower() for label in self.labels)
        return not any(longer.startswith(shorter) for shorter, longer in pairwise(folded))


def dataset_of(table: Table, asked: int, answer: int) -> Dataset:
    """Return the cases of *table*: column *asked* is the question, column *answer* the right answer."""
    skipped: dict[str, list[int]] = {}
    rows = list(_solved(table, asked, answer, skipped))
    rows = list(_without_twins(rows, skipped))
    notes = [f"{_counted(len(lines), 'row')} left out, {why}: {_lines(lines)}" for why, lines in skipped.items()]
    rows, joined = _with_one_spelling(rows)
    labels = tuple(sorted({row.expected for row in rows}))
    if not 2 <= len(labels) <= MOST_LABELS:
        labels = ()
    examples = _examples(rows, labels)
    cases = [row for row in rows if row not in examples]
    if examples:
        notes.append(f"{len(examples)} rows are examples, which the model is shown first: {_lines(examples)}")
    if len(cases) > MOST_CASES:
        notes.append(f"{MOST_CASES} of {len(cases):,} rows are cases, spread over the file")
    return Dataset(tuple(spread(cases, MOST_CASES)), examples, labels, (*notes, *(joined if labels else ())))


def spread(items: Sequence[T], most: int) -> Sequence[T]:
    """Return at most so many of *items*, at even distances."""
    if len(items) <= most:
        return items
    return [items[(2 * place + 1) * len(items) // (2 * most)] for place in range(most)]


def _solved(table: Table, asked: int, answer: int, skipped: dict[str, list[int]]) -> Iterator[Solved]:
    ids = _ids(table)
    for row in table.rows:
        text, expected = _cell(row, asked), _cell(row, answer)
        why = _fault(row, table, text, asked, expected, answer)
        if why:
            skipped.setdefault(why, []).append(row.line)
        else:
            yield Solved(row.line, text, expected, ids.get(row.line, ""))


def _fault(row: Row, table: Table, text: str, asked: int, expected: str, answer: int) -> str:
    if len(row.cells) > len(table.columns):
        return "with more cells than the header (does a text with commas lack its quotes?)"
    if not text:
        return f"without {table.columns[asked]!r}"
    if not expected:
        return f"without {table.columns[answer]!r}"
    return f"longer than {LONGEST_CASE:,} characters" if len(text) > LONGEST_CASE else ""


def _cell(row: Row, place: int) -> str:
    return row.cells[place].strip() if place < len(row.cells) else ""


def _ids(table: Table) -> dict[int, str]:
    """Return the rows' ids by line, if the file has a column of them that can name cases."""
    columns = [column.lower() for column in table.columns]
    if "id" not in columns:
        return {}
    ids = {row.line: _cell(row, columns.index("id")) for row in table.rows}
    are_good = all(0 < len(name) <= _LONGEST_ID and not name.startswith("gate[") for name in ids.values())
    return ids if are_good and len(set(ids.values())) == len(ids) else {}


def _without_twins(rows: Iterable[Solved], skipped: dict[str, list[int]]) -> Iterator[Solved]:
    first: dict[str, Solved] = {}
    for row in rows:
        before = first.setdefault(row.text, row)
        if before is row:
            yield row
            continue
        is_same = before.expected.casefold() == row.expected.casefold()
        why = "the same as an earlier one" if is_same else "in contradiction to an earlier one with the same text"
        skipped.setdefault(why, []).append(row.line)


def _with_one_spelling(rows: Sequence[Solved]) -> tuple[list[Solved], list[str]]:
    """Return the rows with answers that differ in capitals alone written as most rows write them, and what was joined.

    Where the answers are no labels there are too many of them, and each stays as it is written.
    """
    spellings: dict[str, Counter[str]] = {}
    for row in rows:
        spellings.setdefault(row.expected.casefold(), Counter())[row.expected] += 1
    if len(spellings) > MOST_LABELS:
        return list(rows), []
    usual = {folded: counts.most_common(1)[0][0] for folded, counts in spellings.items()}
    joined = [
        f"{', '.join(map(repr, counts))} are one label: {usual[folded]!r}"
        for folded, counts in spellings.items()
        if len(counts) > 1
    ]
    return [replace(row, expected=usual[row.expected.casefold()]) for row in rows], joined


def _examples(rows: Sequence[Solved], labels: Sequence[str]) -> tuple[Solved, ...]:
    """Return rows to show: as many of each label as of the others, taken in turn, from the shorter half."""
    if len(rows) < FEWEST_ROWS_FOR_EXAMPLES:
        return ()
    groups = [[row for row in rows if row.expected == label] for label in labels] or [list(rows)]
    for each in range(max(1, MOST_EXAMPLES // len(groups)), 0, -1):
        picked = [spread(_shorter_half(group), min(each, len(group) // 3)) for group in groups]
        turns = [group[turn] for turn in range(each) for group in picked if turn < len(group)]
        if sum(len(row.text) + len(row.expected) for row in turns) <= LONGEST_EXAMPLES:
            return tuple(turns)
    return ()


def _shorter_half(rows: Sequence[Solved]) -> list[Solved]:
    if not rows:
        return []
    middle = sorted(len(row.text) for row in rows)[(len(rows) - 1) // 2]
    return [row for row in rows if len(row.text) <= middle]


def _lines(found: Iterable[int | Solved]) -> str:
    numbers = [item.line if isinstance(item, Solved) else item for item in found]
    more = f" and {len(numbers) - _MOST_NAMED} more" if len(numbers) > _MOST_NAMED else ""
    named = ", ".join(map(str, numbers[:_MOST_NAMED]))
    return f"{'line' if len(numbers) == 1 else 'lines'} {named}{more}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
