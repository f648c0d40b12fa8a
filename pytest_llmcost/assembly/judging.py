"""A finished run before its judge: its trials against a baseline, by its own gate or by that of a change's base."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.assembly.base.alterations import alterations
from pytest_llmcost.assembly.base.comparison import STORED, Comparison
from pytest_llmcost.assembly.base.one_strategy import as_baselines
from pytest_llmcost.assembly.base.state import SuitesThen
from pytest_llmcost.assembly.changes import with_changes
from pytest_llmcost.assembly.cut_by import cut_lines
from pytest_llmcost.assembly.extensions.added import NONE, Extensions
from pytest_llmcost.assembly.left_out import left_out
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.prefix_use import with_prefix
from pytest_llmcost.assembly.python_suites import python_suites
from pytest_llmcost.assembly.semantic_lines import with_semantic
from pytest_llmcost.assembly.summing import Entry, entries_of, judge_entries, summary_of
from pytest_llmcost.domain.alteration import Alteration
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.gate import Family, Outcome, Verdict
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.gate.baseline import Baseline
from pytest_llmcost.gate.held_to import held_to, retold
from pytest_llmcost.reports.summary import StrategySummary

Baselines = Mapping[str, Baseline | None]


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A run, judged.

    Attributes:
        root: The root directory, below which suites and baselines lie.
        suites: Those of the run and its tests in Python, by path, as they are here.
        trials: As they were run; those of `entries` are seen by the gate that judges.
        verdicts: None are given where the choice of cases allows none.
        rows: What the table shows.
        faults: What went wrong on the way, to be shown; each fails the run.
        notes: What was not looked at.
        unread: Paths of the suites whose baseline to compare with is there and cannot be read.
        there: What lies beside the suites, and may be replaced, by suite; nothing of one that cannot be read.
        comparison: What the run is held against.
        alterations: In what a change differs from its base that bears on its verdicts; none where there is no base.
    """

    root: Path
    suites: tuple[Suite, ...]
    trials: tuple[Trial, ...]
    entries: tuple[Entry, ...]
    verdicts: tuple[Verdict, ...]
    rows: tuple[StrategySummary, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...]
    unread: frozenset[str]
    there: Baselines
    comparison: Comparison
    alterations: tuple[Alteration, ...]

    @property
    def readable_rows(self) -> tuple[StrategySummary, ...]:
        """The rows of suites whose baseline is not damaged."""
        return tuple(row for row in self.rows if row.suite_path not in self.unread)

    @property
    def compared_with(self) -> str:
        """What the run is held against, in words."""
        return self.comparison.name


def judge_run(
    root: Path,
    suites: Mapping[str, Suite],
    trials: Sequence[Trial],
    models: Models,
    *,
    comparison: Comparison = STORED,
    extensions: Extensions = NONE,
    with_verdicts: bool = True,
    selected: Collection[tuple[str, str]] = (),
    early_stop: int = 0,
    family: Family = "run",
) -> JudgedRun:
    """Return a run with its verdicts.

    Args:
        root: The root directory.
        suites: The suites that are files, by path.
        trials: Of the run, in any order.
        models: For today's prices.
        comparison: What it is held against; where that is the base of a change, the base's settings judge.
        extensions: What other packages add, for the suites of a base.
        with_verdicts: Whether the choice of cases allows any.
        selected: Suite and strategy of all cases that were to be run: of some there may be no trial.
        family: What tests are corrected for: all of the run, or those of their suite; a base has its own.
        early_stop: How many verdicts on quality the run could test at most, if it might stop early; else 0.
    """
    # Workers end in any order; the suites of a run have one.
    ordered = sorted([*suites.values(), *python_suites(trials, suites)], key=lambda suite: suite.path)
    own, state = {suite.path: suite for suite in ordered}, comparison.state
    then = suites_then(suites, comparison, extensions)
    held = {path: held_to(own[path], suite) for path, suite in then.suites.items()}
    told = tuple(retold(trials, own, held))
    judged_by = [held.get(path, suite) for path, suite in own.items()]
    there, faults = _read(root, ordered, STORED)
    baselines, notes = there, list[str]()
    if comparison.strategy:
        unjudged = list(entries_of(judged_by, told, models, {}))
        baselines, faults, notes = as_baselines(comparison.strategy, judged_by, unjudged)
    elif comparison is not STORED:
        baselines, faults = _read(root, ordered, comparison)
    entries = tuple(entries_of(judged_by, told, models, baselines, selected))
    verdicts = judge_entries(entries, models, then.family or family, early_stop) if with_verdicts else ()
    verdicts = tuple(_unknown(verdict) if verdict.suite in faults else verdict for verdict in verdicts)
    return JudgedRun(
        root,
        suites=tuple(ordered),
        trials=tuple(trials),
        entries=entries,
        verdicts=verdicts,
        rows=tuple(_row(entry, entries, verdicts, models) for entry in entries),
        faults=tuple(faults.values()),
        notes=(*comparison.notes, *notes, *left_out(root, judged_by, entries, baselines)),
        unread=frozenset(faults),
        there=there,
        comparison=comparison,
        alterations=tuple(alterations(root, state, then, own, models)) if state else (),
    )


def _row(entry: Entry, entries: Sequence[Entry], verdicts: Sequence[Verdict], models: Models) -> StrategySummary:
    row = with_prefix(summary_of(entry, verdicts), entry, models)
    row = dataclasses.replace(row, notes=(*row.notes, *cut_lines(entry.spec, models.at(entry.suite.path))))
    row = with_changes(row, entry, models)
    return with_semantic(row, entry, entries) if entry.spec.semantic is not None else row


def suites_then(suites: Mapping[str, Suite], comparison: Comparison, extensions: Extensions) -> SuitesThen:
    """Return the suites of the base that a run is held to; none where there is no base."""
    return comparison.state.suites_at(suites, extensions) if comparison.state else SuitesThen()


def _read(root: Path, suites: Sequence[Suite], comparison: Comparison) -> tuple[Baselines, dict[str, str]]:
    """Return what each suite is compared with, by its path, and why what others would be cannot be read."""
    baselines: dict[str, Baseline | None] = {}
    faults: dict[str, str] = {}
    for suite in suites:
        try:
            baselines[suite.path] = comparison.baseline_of(root, suite.path)
        except BaselineError as error:
            faults[suite.path] = str(error)
    return baselines, faults


def _unknown(verdict: Verdict) -> Verdict:
    """Return *verdict*, but for one that would take a baseline that cannot be read for one that is not there."""
    if verdict.outcome is not Outcome.NEW:
        return verdict
    return dataclasses.replace(verdict, outcome=Outcome.INCONCLUSIVE, reason="the baseline cannot be read")
