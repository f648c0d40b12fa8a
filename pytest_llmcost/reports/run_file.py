"""The run file: JSON Lines, a header and then one line a trial, written as it goes and sorted at the end."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Mapping
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

from pytest_llmcost.domain.errors import BaselineError, InvalidUsage
from pytest_llmcost.domain.formats import why_not_read
from pytest_llmcost.domain.regular_file import read_regular
from pytest_llmcost.domain.trial import Run, RunHeader, StrategyRecord, Trial
from pytest_llmcost.domain.whole_file import refuse_special, write_whole
from pytest_llmcost.reports.trial_line import trial_line, trial_of

FORMAT = "llmcost-run/1"

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DAMAGES = (KeyError, TypeError, ValueError, AttributeError, InvalidOperation, InvalidUsage)


def header_line(header: RunHeader) -> dict[str, Any]:
    """Return a run's header in JSON's types."""
    line = {"format": FORMAT, **dataclasses.asdict(header)}
    for record in (record for strategies in line["strategies"].values() for record in strategies.values()):
        if not record["parts"]:
            del record["parts"]
    if not header.early_stop:
        del line["early_stop"]
    return line


def header_of(line: Mapping[str, Any]) -> RunHeader:
    """Return the header that a line holds.

    Raises:
        KeyError, TypeError, AttributeError: If it is none.
    """
    fields = {field.name: line[field.name] for field in dataclasses.fields(RunHeader) if field.name != "early_stop"}
    fields["early_stop"] = line.get("early_stop", 0)  # (runs stored before there was such a thing have none)
    fields["strategies"] = {
        suite: {name: StrategyRecord(**record) for name, record in strategies.items()}
        for suite, strategies in fields["strategies"].items()
    }
    return RunHeader(**fields)


class RunWriter:
    """A run file in the making: each trial is on disk before the next is reported.

    A file that is there already stays until the run is finished; the new one grows beside it, as `.part`.

    Args:
        path: Where the file goes; its folder is made.
        keep_text: Whether expected and given answers are stored.

    Raises:
        OSError: If the file cannot be made or written.
    """

    def __init__(self, path: Path, *, keep_text: bool) -> None:
        self.path = path
        self._keep_text = keep_text
        refuse_special(path)
        self._growing = path.with_name(f"{path.name}.part") if path.exists() else path
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without a buffer, which would keep what the disk had no room for, and write it later.
        self._file = self._growing.open("wb", buffering=0)
        self._append({"format": FORMAT, "unfinished": True})

    def add(self, trial: Trial) -> None:
        """Append one trial; where that cannot be done, the file is closed."""
        self._append(trial_line(trial, keep_text=self._keep_text))

    def _append(self, line: Mapping[str, Any]) -> None:
        rest = _json(line)
        try:
            while rest:  # a disk that is nearly full takes a part
                rest = rest[self._file.write(rest) :]
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Leave the file as it is, unfinished; may be called again."""
        self._file.close()

    def finish(self, run: Run) -> None:
        """Write the whole run anew, with its header and sorted, in one step."""
        self.close()
        write_run(self.path, run, keep_text=self._keep_text)
        if self._growing != self.path:
            self._growing.unlink(missing_ok=True)


def write_run(path: Path, run: Run, *, keep_text: bool) -> None:
    """Write a run whole or not at all.

    Raises:
        OSError: If the file cannot be written; what was there before is whole.
    """
    ordered = sorted(run.trials, key=lambda t: (t.suite, t.strategy, t.case, t.trial))
    lines = itertools.chain([header_line(run.header)], (trial_line(trial, keep_text=keep_text) for trial in ordered))
    write_whole(path, map(_json, lines))


def read_run(path: Path) -> tuple[Run, list[str]]:
    """Return a run and what had to be said of its file (a torn last line is dropped, and said).

    Raises:
        BaselineError: If it is no run file of this format.
    """
    try:
        text = read_regular(path)
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"{path}: the run cannot be read: {error}", path=str(path)) from error
    rows, notes = _rows(path, text)
    if not rows:
        raise BaselineError(f"{path}: {'its only line is torn' if notes else 'the run is empty'}.", path=str(path))
    found = rows[0].get("format")
    if reason := why_not_read(found, FORMAT):
        raise BaselineError(f"{path}:1: {reason}", path=str(path), format=str(found))
    if rows[0].get("unfinished"):
        raise BaselineError(f"{path}: this run was cut off before its end. Run it again.", path=str(path))
    try:
        return Run(header_of(rows[0]), tuple(map(trial_of, rows[1:]))), notes
    except _DAMAGES as error:
        raise BaselineError(f"{path}: this is no whole run: {error!r}", path=str(path)) from error


def _rows(path: Path, text: str) -> tuple[list[dict[str, Any]], list[str]]:
    # Not splitlines(): U+2028 and its like end no line of JSON, and may stand in an answer.
    *lines, last = text.split("\n")
    rows = [_row(path, number, line) for number, line in enumerate(lines, 1)]
    if not last:
        return rows, []
    try:
        return [*rows, _row(path, len(lines) + 1, last)], []
    except BaselineError:
        return rows, [f"{path}:{len(lines) + 1}: the last line is torn and was left out"]


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{path}:{number}: this line is no JSON: {error}", path=str(path)) from error
    if not isinstance(row, dict):
        raise BaselineError(f"{path}:{number}: this line is no JSON object", path=str(path))
    return row


def _json(line: Mapping[str, Any]) -> bytes:
    # A lone surrogate, half of an emoji where an answer was cut, is no UTF-8; but its escape is JSON.
    return (_ENCODER.encode(line) + "\n").encode("utf-8", "backslashreplace")
