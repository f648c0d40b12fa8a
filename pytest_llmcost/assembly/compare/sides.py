"""What is compared, as the command line names it: files, commits, shards of one run, strategies of any of these."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.assembly.merge import merge_runs
from pytest_llmcost.assembly.sides import Side, read_side, side_of_run
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.trial import Run, Trial
from pytest_llmcost.gate.baseline import Baseline, baseline_path

OF_STRATEGY = "::"
AND = ","


@dataclass(frozen=True, slots=True)
class Compared:
    """A side of a comparison.

    Attributes:
        text: As the user named it; of a commit with its digest.
        letter: What its strategies are told by; empty where it is the only side.
        only: Which of its strategies are compared, a name or a glob; empty for all.
    """

    side: Side
    text: str
    letter: str = ""
    only: str = ""

    def name_of(self, strategy: str) -> str:
        """Return what a strategy is called beside those of other sides."""
        return f"{self.letter}{OF_STRATEGY}{strategy}" if self.letter else strategy

    def trials(self, suite: str, strategy: str) -> list[Trial]:
        """Return the trials of a strategy that have a score; none where this is no run."""
        everything = self.side.run.trials if self.side.run else ()
        return [one for one in everything if (one.suite, one.strategy) == (suite, strategy) and one.score is not None]

    def strategies(self, baseline: Baseline) -> tuple[str, ...]:
        """Return the strategies that are compared."""
        return tuple(name for name in baseline.strategies if not self.only or _is_named(name, self.only))


@dataclass(frozen=True, slots=True)
class Shared:
    """One suite on all sides.

    Attributes:
        path: The suite's, where any side knows it; else what its baseline is called.
        of: By side, what it did there; None where it is not there.
    """

    path: str
    of: tuple[Baseline | None, ...]


def read_sides(texts: Sequence[str], root: Path) -> tuple[Compared, ...]:
    """Return the sides that a user names.

    Args:
        texts: Each a run file, a baseline, a folder or `git:REF`, with `::STRATEGY` behind it where only that is
            meant. Run files with commas between them are the shards of one run.
        root: The root directory, below which suites and baselines lie.

    Raises:
        BaselineError: If a side cannot be read, or has no such strategy.
        SettingsError: If git does not know a commit.
    """
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    if len(texts) > len(letters):
        raise BaselineError(f"{len(texts)} sides are too many. Name {len(letters)} at most.", path=texts[-1])
    return tuple(_side(text, letters[place] if len(texts) > 1 else "", root) for place, text in enumerate(texts))


def _side(text: str, letter: str, root: Path) -> Compared:
    path, _, only = text.partition(OF_STRATEGY)
    side = _read(path, root)
    found = Compared(side, f"{side.name}{OF_STRATEGY}{only}" if only else side.name, letter, only)
    if not side.baselines:
        raise BaselineError(next(iter(side.faults.values()), f"{path}: there is no run and no baseline."), path=path)
    known = dict.fromkeys(name for baseline in found.side.baselines.values() for name in baseline.strategies)
    if only and not any(_is_named(name, only) for name in known):
        raise BaselineError(f"{path}: no strategy '{only}'. It has {', '.join(known) or 'none'}.", path=path)
    return found


def _read(text: str, root: Path) -> Side:
    if AND not in text or Path(text).exists():
        return read_side(text, root)
    runs: dict[str, Run] = {}
    notes: list[str] = []
    for part in text.split(AND):
        side = read_side(part, root)
        runs[part] = _run(part, side)
        notes += side.notes
    return side_of_run(text, merge_runs(runs), notes)


def _run(name: str, side: Side) -> Run:
    if side.run is None:
        raise BaselineError(f"{name}: this is no run. Only shards of one run are joined by '{AND}'.", path=name)
    return side.run


def _is_named(name: str, only: str) -> bool:
    return name == only or fnmatch.fnmatchcase(name, only)


def shared_suites(sides: Sequence[Compared]) -> list[Shared]:
    """Return the suites of all sides.

    A baseline that lies in no folder of its suite knows only its own name: it is that of the suite whose baseline
    would be called so; or, where every side holds one suite and one of them knows which, of that.
    """
    keys = dict.fromkeys(path for compared in sides for path in compared.side.baselines)
    stems = {_stem(path) for path in keys if _is_path(path)}
    paths = [path for path in keys if _is_path(path) or path not in stems]
    found = [Shared(path, tuple(_of(compared.side, path) for compared in sides)) for path in paths]
    known = [path for path in paths if _is_path(path)]
    if len(known) > 1 or any(len(compared.side.baselines) > 1 for compared in sides):
        return found
    return [Shared((known or paths)[0], tuple(next(iter(compared.side.baselines.values())) for compared in sides))]


def _of(side: Side, path: str) -> Baseline | None:
    return side.baselines.get(path) or side.baselines.get(_stem(path))


def _is_path(suite: str) -> bool:
    return suite.endswith((".yaml", ".yml")) or "::" in suite


def _stem(suite: str) -> str:
    return baseline_path(Path(), suite).stem if _is_path(suite) else suite
