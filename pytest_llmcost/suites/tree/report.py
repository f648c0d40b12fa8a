"""Mistakes are collected, all of them, and raised once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NoReturn, Protocol

from pytest_llmcost.domain.errors import Problem, SuiteError

MOST_PROBLEMS = 1_000
"""Nobody mends more at once, and a hostile file must not keep us busy."""
_LONGEST_SHOWN = 40
_LONGEST_COMPARED = 100
_MOST_COMPARED = 200


class Place(Protocol):
    """Anything that stands somewhere in a file."""

    @property
    def path(self) -> str:
        """The file, below the root directory; empty: the one that is read."""
        ...

    @property
    def line(self) -> int:
        """Counted from 1."""
        ...

    @property
    def column(self) -> int:
        """Counted from 1."""
        ...


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where no node is."""

    line: int
    column: int
    path: str = ""


class Report:
    """The problems of one file, and of those that it names, as they are found.

    Attributes:
        path: The file, below the root directory.
        root: The root directory, which holds every file that may be named.
        source: The file's text.
    """

    def __init__(self, path: str, root: Path = Path()) -> None:
        self.path = path
        self.root = root
        self.source = ""
        self._problems: list[Problem] = []

    def add(self, place: Place, message: str) -> None:
        """Note one mistake and go on; only after a thousand of them give up."""
        self._problems.append(Problem(place.path or self.path, place.line, place.column, message))
        if len(self._problems) >= MOST_PROBLEMS:
            self.fail(place.line, place.column, f"reading stops here, after {MOST_PROBLEMS} mistakes")

    def fail(self, line: int, column: int, message: str) -> NoReturn:
        """Raise what was found so far, with a last mistake after which nothing can be read."""
        raise SuiteError(self.path, [*self._problems, Problem(self.path, line, column, message)])

    def raise_if_any(self) -> None:
        """Raise `SuiteError` if there is any problem."""
        if self._problems:
            raise SuiteError(self.path, self._problems)

    def __len__(self) -> int:
        return len(self._problems)


def shown(text: str) -> str:
    """Return *text* quoted for a message: short, on one line, control characters escaped."""
    return repr(text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "...")


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)`, or nothing where no option is like *word*."""
    found = nearest(word, options)
    return f" (did you mean {shown(found)}?)" if found else ""


def nearest(word: str, options: Iterable[str]) -> str | None:
    """Return the option most like *word*, or None."""
    return _nearest(word, tuple(sorted(options)))


@lru_cache(maxsize=1024)
def _nearest(word: str, options: tuple[str, ...]) -> str | None:
    # difflib is quadratic: long words and many options are left without a suggestion.
    if len(word) > _LONGEST_COMPARED or len(options) > _MOST_COMPARED:
        return None
    by_lower = {option.lower(): option for option in options if len(option) <= _LONGEST_COMPARED}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return by_lower[found[0]] if found else None
