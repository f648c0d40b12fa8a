"""A finished run as the question how its gates behave when nothing changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from pytest_llmcost.assembly.python_suites import python_suites
from pytest_llmcost.assembly.reread import Reread
from pytest_llmcost.assembly.summing import Entry, entries_of, groups_of
from pytest_llmcost.domain.trial import Run, Trial
from pytest_llmcost.gate.aa import Subject
from pytest_llmcost.gate.unchanged import Unchanged

USUAL_DISCORDANCE = 0.10
"""Of runs without repeats: about what a reworded prompt turns, half of it lost and half of it won."""


def subjects_of(run: Run, again: Reread, discordance: float | None) -> tuple[list[Subject], list[str]]:
    """Return the gated strategies of a run, and a line on each that nothing can be told of.

    Args:
        run: Finished, or joined from shards.
        again: Its suites.
        discordance: Assumed of every strategy; None lets repeats speak, and is the usual one where there are none.
    """
    suites = sorted([*again.suites.values(), *python_suites(run.trials, again.suites)], key=lambda suite: suite.path)
    entries = list(entries_of(suites, run.trials, again.models, {}))
    subjects = [_subject(entry, discordance) for entry in entries if not _why_not(entry)]
    return subjects, list(_notes(entries))


def _subject(entry: Entry, discordance: float | None) -> Subject:
    records = [record for record in entry.records if record.is_scored]
    assert entry.spec.gate is not None, "only gated strategies are asked after"
    has_repeats = any(len(record.scores) > 1 for record in records)
    assumed = USUAL_DISCORDANCE if discordance is None and not has_repeats else discordance
    system = Unchanged(records, groups_of(entry.suite), assumed)
    gate, usd = entry.spec.gate.quality, _usd_per_trial(entry.trials)
    return Subject(entry.suite.path, entry.suite.name, entry.spec.name, gate, system, usd)


def _usd_per_trial(trials: Iterable[Trial]) -> Decimal:
    costs = [trial.usd for trial in trials if trial.score is not None]
    return sum(costs, Decimal(0)) / len(costs)


def _why_not(entry: Entry) -> str:
    if entry.spec.gate is None:
        return "is not gated"
    scored = sum(record.is_scored for record in entry.records)
    return f"has {scored} answered case{'s' * (scored != 1)}, and 2 are the fewest" if scored < 2 else ""


def _notes(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        name = f"{entry.suite.path}::{entry.spec.name}"
        if why := _why_not(entry):
            yield f"{name} {why}: left out"
        elif entry.is_partial:
            gated = len(entry.suite.cases) - len(entry.quarantined)
            yield f"{name}: only {len(entry.records)} of the suite's {gated} cases are in this run"
