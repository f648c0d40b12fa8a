"""An experiment in production, read from a table: who got which variant, was the answer good, what did it cost."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pytest_llmcost.domain.errors import LlmCostError
from pytest_llmcost.domain.regular_file import read_regular
from pytest_llmcost.reports.experiments import Logged

TREATMENT, CONTROL = "treatment", "control"
_GOOD = {"true", "1", "yes", "y", "ok", "good"}
_BAD = {"false", "0", "no", "n", "error", "bad"}


class ExperimentError(LlmCostError):
    """A table of an experiment is wrong; the text says where, and what is needed."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns are called.

    Attributes:
        user: Rows of one user are one unit; empty: each row is a user of its own.
        cost: US dollars a row; empty where cost is not compared.
    """

    variant: str = "variant"
    ok: str = "ok"
    user: str = ""
    cost: str = ""


@dataclass(frozen=True, slots=True)
class Arm:
    """The users of one variant.

    Attributes:
        errors: Of each user, the share of answers that were not good.
        costs: Of each user, US dollars in all; empty where cost is not compared.
    """

    errors: tuple[float, ...]
    costs: tuple[float, ...] = ()

    @property
    def is_right_or_wrong(self) -> bool:
        """Whether every user had only good answers or only bad ones."""
        return set(self.errors) <= {0.0, 1.0}


@dataclass(frozen=True, slots=True)
class Experiment:
    """Both variants.

    Attributes:
        arms: Their users.
        logged: What the ledger knows of their calls; nothing of a CSV's.
        why_no_cost: Why costs in the ledger cannot be compared; empty where they can.
    """

    arms: Mapping[str, Arm]
    logged: Mapping[str, Logged] = field(default_factory=dict)
    why_no_cost: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    variant: str
    user: str
    is_error: bool
    usd: float


def read_experiment(path: Path, columns: Columns) -> Experiment:
    """Return both variants' users.

    Raises:
        ExperimentError: If the table cannot be read, a column or a variant is missing, a value is none, or a user
            has both variants.
    """
    users: dict[str, dict[str, list[_Row]]] = {TREATMENT: defaultdict(list), CONTROL: defaultdict(list)}
    variant_of: dict[str, str] = {}
    for row in _rows(path, columns):
        if variant_of.setdefault(row.user, row.variant) != row.variant:
            raise ExperimentError(
                f"{path}:{row.line}: user {row.user!r} has both variants, so that no difference can be told from it.\n"
                "Assign variants by user (assign_variant), and leave out who changed sides."
            )
        users[row.variant][row.user].append(row)
    for variant, found in users.items():
        if len(found) < 2:
            raise ExperimentError(f"{path}: {len(found)} users have the variant {variant!r}, at least 2 are needed.")
    return Experiment({variant: _arm(found, columns) for variant, found in users.items()})


def _arm(users: Mapping[str, list[_Row]], columns: Columns) -> Arm:
    errors = tuple(sum(row.is_error for row in rows) / len(rows) for rows in users.values())
    costs = tuple(math.fsum(row.usd for row in rows) for rows in users.values()) if columns.cost else ()
    return Arm(errors, costs)


def _rows(path: Path, columns: Columns) -> Iterator[_Row]:
    try:
        text = read_regular(path).removeprefix("\ufeff")  # (spreadsheets write one)
        table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        _check_header(path, table.fieldnames or (), columns)
        for number, row in enumerate(table):
            yield _row(f"{path}:{table.line_num}", table.line_num, number, row, columns)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ExperimentError(f"{path}: the table cannot be read: {error}") from error


def _check_header(path: Path, header: object, columns: Columns) -> None:
    names = list(header) if isinstance(header, list | tuple) else []
    for option, name in (
        ("variant", columns.variant),
        ("ok", columns.ok),
        ("user", columns.user),
        ("cost", columns.cost),
    ):
        if name and name not in names:
            raise ExperimentError(
                f"{path}:1: there is no column {name!r}, but {', '.join(names) or 'nothing'}.\n"
                f"Name it: --{option} COLUMN"
            )


def _row(place: str, line: int, number: int, row: Mapping[str, str | None], columns: Columns) -> _Row:
    variant, ok = (row[columns.variant] or "").strip(), (row[columns.ok] or "").strip().lower()
    if variant not in (TREATMENT, CONTROL):
        raise ExperimentError(f"{place}: the variant is {variant!r}: {TREATMENT} or {CONTROL} is needed.")
    if ok not in _GOOD | _BAD:
        raise ExperimentError(f"{place}: {columns.ok} is {ok!r}: true or false is needed.")
    user = (row[columns.user] or "") if columns.user else f"row {number}"
    return _Row(line, variant, user, ok in _BAD, _usd(place, row, columns))


def _usd(place: str, row: Mapping[str, str | None], columns: Columns) -> float:
    if not columns.cost:
        return 0.0
    text = row[columns.cost] or ""
    try:
        usd = float(text)
    except ValueError:
        usd = math.nan
    if not 0 <= usd < math.inf:
        raise ExperimentError(f"{place}: {columns.cost} is {text!r}: US dollars from 0 up are needed.")
    return usd
