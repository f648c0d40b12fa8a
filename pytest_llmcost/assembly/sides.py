"""One side of a comparison: a run file, a baseline, a folder of either, or what a commit holds, read alike."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pytest_llmcost.assembly.base.repository import Repository
from pytest_llmcost.assembly.merge import merge_runs
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.regular_file import read_regular
from pytest_llmcost.domain.trial import Run, Trial
from pytest_llmcost.gate.baseline import FOLDER, Baseline, baseline_in, baseline_path
from pytest_llmcost.gate.records import records_of
from pytest_llmcost.reports.run_file import FORMAT as RUN_FORMAT
from pytest_llmcost.reports.run_file import read_run

GIT = "git:"


@dataclass(frozen=True, slots=True)
class Side:
    """What strategies did, suite by suite.

    Attributes:
        name: What was asked for; of git with the commit.
        baselines: By the suite's path below the root directory (a test in Python: `file.py::test_name`); a
            baseline that lies in no `llm_baselines/` by its own name without `.jsonl`.
        run: The whole run, where it is one.
        notes: What a reader must know of the files.
        faults: By suite as `baselines`, why what is there cannot be read.
    """

    name: str
    baselines: Mapping[str, Baseline]
    run: Run | None = None
    notes: tuple[str, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)

    def of(self, suite: str) -> Baseline | None:
        """Return what the suite of that path did, or None."""
        return self.baselines.get(suite) or self.baselines.get(baseline_path(Path(), suite).stem)


def read_side(text: str, root: Path) -> Side:
    """Return the side that a user names.

    Args:
        text: The path of a run file or a baseline, or of a folder of them (one with a project's layout, too),
            or `git:REF`: the baselines of a commit.
        root: The root directory, below which suites and baselines lie.

    Raises:
        BaselineError: If there is nothing, or what is there can be read as neither.
        SettingsError: If git does not know the commit.
    """
    if text.startswith(GIT):
        return _commit(text, Repository(root))
    path = Path(text)
    return _folder(path, root) if path.is_dir() else _files(text, [path], root, None)


def _commit(name: str, repository: Repository) -> Side:
    commit = repository.commit_of(name.removeprefix(GIT))
    files = repository.files(commit)
    paths = [path for path in files if is_baseline(path)]
    baselines, faults = {}, {}
    for path, content in zip(paths, repository.contents([files[path] for path in paths]), strict=True):
        suite = suite_of(path, files.__contains__)
        try:
            baselines[suite] = baseline_in(content.decode("utf-8"), f"{commit[:10]}:{path}")
        except BaselineError as error:
            faults[suite] = str(error)
        except UnicodeDecodeError as error:
            faults[suite] = f"{commit[:10]}:{path}: the baseline is not UTF-8: {error}"
    return Side(f"{name} ({commit[:10]})", baselines, faults=faults)


def is_baseline(path: str) -> bool:
    """Whether a file is a suite's baseline by its place."""
    return path.endswith(".jsonl") and PurePosixPath(path).parent.name == FOLDER


def suite_of(baseline: str, is_there: Callable[[str], bool]) -> str:
    """Return the path of the suite that a baseline belongs to, by its place; without a folder of baselines its stem.

    Args:
        baseline: Its path.
        is_there: Whether there is a file of such a path.
    """
    place = PurePosixPath(baseline)
    if place.parent.name != FOLDER:
        return place.stem
    beside, (name, *inner) = place.parent.parent, place.stem.split(".")
    yaml, yml, python = (str(beside / file) for file in (f"{place.stem}.yaml", f"{place.stem}.yml", f"{name}.py"))
    if not is_there(yaml) and inner and is_there(python):
        return "::".join([python, *inner])
    return yml if not is_there(yaml) and is_there(yml) else yaml


def _folder(folder: Path, root: Path) -> Side:
    """Return the baselines of the project that a folder holds, or all that lies in the folder itself."""
    of_project = sorted(folder.glob(f"**/{FOLDER}/*.jsonl")) if folder.name != FOLDER else []
    files = of_project or sorted(folder.glob("*.jsonl"))
    if not files:
        raise BaselineError(f"{folder}: this folder holds no run and no baseline (*.jsonl).", path=str(folder))
    return _files(str(folder), files, root, folder if of_project else None)


def _files(name: str, paths: Sequence[Path], root: Path, project: Path | None) -> Side:
    runs = [path for path in paths if _is_run(path)]
    if not runs:
        return _baselines(name, paths, root, project)
    if len(runs) < len(paths):
        raise BaselineError(f"{name}: this folder holds runs and other files. Name one of them.", path=name)
    return _runs(name, runs)


def _is_run(path: Path) -> bool:
    try:
        first = json.loads(read_regular(path).partition("\n")[0])
    except FileNotFoundError as error:
        raise BaselineError(f"{path}: there is no such file.", path=str(path)) from error
    except (OSError, ValueError, RecursionError):
        return False  # (reading it as a baseline says what is wrong with it)
    name = RUN_FORMAT.partition("/")[0]
    return isinstance(first, dict) and str(first.get("format")).partition("/")[0] == name


def _runs(name: str, paths: Iterable[Path]) -> Side:
    runs, notes = {}, []
    for path in paths:
        runs[str(path)], said = read_run(path)
        notes += said
    return side_of_run(name, merge_runs(runs), notes)


def side_of_run(name: str, run: Run, notes: Iterable[str] = ()) -> Side:
    """Return a run as one side of a comparison."""
    trials: dict[tuple[str, str], list[Trial]] = defaultdict(list)
    for trial in run.trials:
        trials[trial.suite, trial.strategy].append(trial)
    baselines = {}
    for suite, strategies in run.header.strategies.items():
        records = (record for strategy in strategies for record in records_of(trials[suite, strategy]))
        baselines[suite] = Baseline(suite, strategies, tuple(records))
    return Side(name, baselines, run, (*notes, *_stopped(name, run)))


def _stopped(name: str, run: Run) -> Iterator[str]:
    needless = sum(trial.is_needless for trial in run.trials)
    if needless:
        yield (
            f"{name} was stopped early, {needless} of its {len(run.trials)} trials were not needed: what is compared "
            "is the rest, and its drops may look larger than they are. Ask a whole run for figures"
        )


def _baselines(name: str, paths: Iterable[Path], root: Path, project: Path | None) -> Side:
    return Side(name, {_suite_at(path, root, project): baseline_in(_text(path), str(path)) for path in paths})


def _suite_at(path: Path, root: Path, project: Path | None) -> str:
    """Return the suite below *root* that a baseline lies beside; else by its place in *project*, else its stem."""
    place, base = Path(os.path.abspath(path)), Path(os.path.abspath(root))
    if place.is_relative_to(base):
        suite = suite_of(place.relative_to(base).as_posix(), lambda file: (base / file).is_file())
        if (base / suite.partition("::")[0]).is_file():
            return suite
    if project is None:
        return path.stem
    return suite_of(path.relative_to(project).as_posix(), lambda file: (project / file).is_file())


def _text(path: Path) -> str:
    try:
        return read_regular(path)
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"{path}: the baseline cannot be read: {error}", path=str(path)) from error
