"""A baseline: a run, stored beside its suite to compare with; small, sorted, without prompts or answers."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_llmcost.domain.digest import canonical_json
from pytest_llmcost.domain.errors import BaselineError, InvalidUsage
from pytest_llmcost.domain.formats import why_not_read
from pytest_llmcost.domain.regular_file import read_regular
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.domain.whole_file import write_whole
from pytest_llmcost.gate.baseline_header import Accepted, accepted_in, header_line, strategies_in
from pytest_llmcost.gate.exclusive import only_writer
from pytest_llmcost.gate.records import CaseRecord

FORMAT = "llmcost-baseline/1"
FOLDER = "llm_baselines"
TOKENS = {"in": "input_tokens", "cached": "cached_input_tokens", "out": "output_tokens"}
RARE_TOKENS = {"write": "cache_write_tokens", "write1h": "cache_write_1h_tokens", "think": "reasoning_tokens"}
CONFLICT_MARKS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
REMEDY = "Take the file from git, or delete it and store the baseline anew."


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a suite's strategies did when it was stored.

    Attributes:
        suite: The suite's name for display; the file's place says which suite it is.
        strategies: Fingerprint, model and prices by strategy.
        records: One a case and strategy.
        accepted: The losses that were accepted, when this or an earlier one was stored.
        notes: What a reader must know of the file itself; never stored.
        sha256: Of the file that it was read from; never stored.
    """

    suite: str
    strategies: Mapping[str, StrategyRecord] = field(default_factory=dict)
    records: tuple[CaseRecord, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    notes: tuple[str, ...] = ()
    sha256: str = field(default="", compare=False)

    def of(self, strategy: str) -> tuple[CaseRecord, ...]:
        """Return the records of one strategy."""
        return tuple(record for record in self.records if record.strategy == strategy)


def baseline_path(root: Path, suite: str) -> Path:
    """Return where the baseline of a suite lives: in its own folder, so that its owners own both.

    Args:
        root: The root directory.
        suite: The suite's path below it; a test in Python is `file.py::test_name`.
    """
    file, _, inner = suite.partition("::")
    path = root / file
    stem = ".".join([path.stem, *inner.split("::")]) if inner else path.stem
    return path.parent / FOLDER / f"{stem}.jsonl"


def write_baseline(path: Path, baseline: Baseline, *, replaces: str | None = None) -> None:
    """Store a baseline whole or not at all; equal baselines are equal files.

    Args:
        path: Where.
        baseline: What.
        replaces: The `sha256` of the only file whose place it may take, empty where none was there; None takes
            the place of any.

    Raises:
        BaselineError: If another file is there by now, or it cannot be written.
    """
    header = header_line(FORMAT, baseline.suite, baseline.strategies, baseline.accepted)
    ordered = sorted(baseline.records, key=lambda r: (r.case, r.strategy))
    rows = (_line(record, baseline.strategies[record.strategy].model) for record in ordered)
    lines = [canonical_json(header), *(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)]
    # A lone surrogate is no UTF-8, but its escape is JSON; and no system may turn line ends into its own.
    content = ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, [content], placing=_only_in_the_place_of(path, replaces))
    except OSError as error:
        message = f"{path}: the baseline cannot be written: {error}. The old one, if any, is whole."
        raise BaselineError(message, path=str(path)) from error


@contextlib.contextmanager
def _only_in_the_place_of(path: Path, replaces: str | None) -> Iterator[None]:
    with only_writer(path.parent):
        _check_unchanged(path, replaces)
        yield


def _check_unchanged(path: Path, replaces: str | None) -> None:
    if replaces is None:
        return
    there = read_baseline(path)
    if (there.sha256 if there else "") != replaces:
        what = "was stored by somebody else" if there else "is gone"
        raise BaselineError(f"{path}: the baseline {what} since it was read. Run again, and compare.", path=str(path))


def read_baseline(path: Path) -> Baseline | None:
    """Return the stored baseline, or None where there is no file.

    Raises:
        BaselineError: As `baseline_in` does, and if it is unreadable.
    """
    try:
        text = read_regular(path)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"{path}: the baseline cannot be read: {error}. {REMEDY}", path=str(path)) from error
    return baseline_in(text, str(path))


def baseline_in(text: str, path: str) -> Baseline:
    """Return the baseline that a file holds.

    Args:
        text: The file's.
        path: What the file is called where something is wrong with it.

    Raises:
        BaselineError: If it is damaged, of a newer format, or holds merge-conflict marks. A last
            line that was cut off is left out, and said in the notes.
    """
    rows, notes = _rows(path, text)
    if not rows:
        what = "its only line is torn" if notes else "the baseline is empty"
        raise BaselineError(f"{path}: {what}. {REMEDY}", path=path)
    header = rows[0][1]
    _check_format(path, header)
    try:
        strategies, accepted = strategies_in(header), accepted_in(header)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"{path}:1: the header is damaged: {error!r}. {REMEDY}"
        raise BaselineError(message, path=path) from error
    return Baseline(
        suite=str(header.get("suite", "")),
        strategies=strategies,
        records=_records(path, rows[1:], strategies),
        accepted=accepted,
        notes=notes,
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _rows(path: str, text: str) -> tuple[list[tuple[int, dict[str, Any]]], tuple[str, ...]]:
    # Not splitlines(): U+2028 and its like end no line of JSON, and may stand in a case's id.
    *lines, last = text.split("\n")
    rows = [(number, _row(path, number, line)) for number, line in enumerate(lines, 1) if line.strip()]
    if not last.strip():
        return rows, ()
    number = len(lines) + 1
    try:
        return [*rows, (number, _row(path, number, last))], ()
    except BaselineError:
        if last.startswith(CONFLICT_MARKS):
            raise
        return rows, (f"{path}:{number}: the last line is torn and was left out. Store the baseline anew.",)


def _check_format(path: str, header: Mapping[str, Any]) -> None:
    found = header.get("format")
    if reason := why_not_read(found, FORMAT):
        raise BaselineError(f"{path}:1: {reason}", path=path, format=str(found))


def _row(path: str, number: int, line: str) -> dict[str, Any]:
    if line.startswith(CONFLICT_MARKS):
        message = f"{path}:{number}: a merge conflict was left here. Take either side whole, or delete the file"
        raise BaselineError(f"{message} and store the baseline anew.", path=path)
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{path}:{number}: this line is no JSON: {error}. {REMEDY}", path=path) from error
    if not isinstance(row, dict):
        raise BaselineError(f"{path}:{number}: this line is no JSON object. {REMEDY}", path=path)
    return row


def _records(
    path: str, rows: Sequence[tuple[int, dict[str, Any]]], strategies: Mapping[str, StrategyRecord]
) -> tuple[CaseRecord, ...]:
    records: dict[tuple[str, str], CaseRecord] = {}
    for number, row in rows:
        try:
            record = _record(row, strategies[row["strategy"]].model)
        except (KeyError, TypeError, ValueError, InvalidUsage) as error:
            message = f"{path}:{number}: this line is no case: {error!r}. {REMEDY}"
            raise BaselineError(message, path=path) from error
        if (record.case, record.strategy) in records:
            message = f"{path}:{number}: case {record.case!r} of {record.strategy!r} stands here twice. Remove one."
            raise BaselineError(message, path=path)
        records[record.case, record.strategy] = record
    return tuple(records.values())


def _line(record: CaseRecord, model: str) -> dict[str, Any]:
    kinds = TOKENS | {key: kind for key, kind in RARE_TOKENS.items() if any(_counts(record.usage, kind).values())}
    return {
        "case": record.case,
        "strategy": record.strategy,
        "fp": record.fingerprint,
        "score": [int(score) if score == int(score) else score for score in record.scores],
        "a": record.answers,
        **{key: _one_or_map(_counts(record.usage, kind), model) for key, kind in kinds.items()},
        **({"calls": dict(sorted(record.calls.items()))} if record.calls else {}),
        "s": record.seconds,
        **({"each_s": dict(sorted(record.each_seconds.items()))} if record.each_seconds else {}),
    }


def _counts(usage: Mapping[str, Usage], kind: str) -> dict[str, int]:
    return {model: getattr(tokens, kind) for model, tokens in usage.items()}


def _one_or_map(counts: Mapping[str, int], model: str) -> int | dict[str, int]:
    return counts[model] if set(counts) == {model} else dict(sorted(counts.items()))


def _record(row: Mapping[str, Any], model: str) -> CaseRecord:
    kinds = {kind: row.get(key, 0) for key, kind in (TOKENS | RARE_TOKENS).items()}
    models: Iterable[str] = kinds["input_tokens"] if isinstance(kinds["input_tokens"], dict) else (model,)
    usage = {
        name: Usage(**{kind: count.get(name, 0) if isinstance(count, dict) else count for kind, count in kinds.items()})
        for name in models
    }
    case, strategy, fingerprint, answers = (_text(row, key) for key in ("case", "strategy", "fp", "a"))
    scores = tuple(float(score) for score in row["score"])
    if not all(0 <= score <= 1 for score in scores):
        raise ValueError(f"a score is outside 0..1: {row['score']}")
    seconds, each = float(row["s"]), {name: float(own) for name, own in dict(row.get("each_s", {})).items()}
    if not all(0 <= own < math.inf for own in (seconds, *each.values())):
        raise ValueError(f"s is {seconds}, of each model {each}: seconds from 0 up are needed")
    calls = dict(row.get("calls", {}))
    if not all(type(count) is int and count > 0 for count in calls.values()):
        raise ValueError(f"calls are {calls}: whole numbers from 1 up are needed")
    return CaseRecord(case, strategy, fingerprint, scores, answers, usage, seconds, calls=calls, each_seconds=each)


def _text(row: Mapping[str, Any], key: str) -> str:
    if not isinstance(row[key], str):
        raise TypeError(f"{key} is {row[key]!r}: a text is needed")
    return str(row[key])
