"""From a run to a semantic cache's threshold: its cases as traffic, each hit scored by what was answered then."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pytest_llmcost.assembly.embedding import embed_in
from pytest_llmcost.assembly.extensions.added import Extensions
from pytest_llmcost.assembly.extensions.found import installed_extensions
from pytest_llmcost.assembly.notes import counted
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.scores import Scores
from pytest_llmcost.assembly.settings import read_settings
from pytest_llmcost.assembly.trials import answer_digest
from pytest_llmcost.domain.errors import BaselineError, CallError, LlmCostError
from pytest_llmcost.domain.semantic import SemanticCaching
from pytest_llmcost.domain.suite import Case, StrategySpec, Suite
from pytest_llmcost.domain.trial import Answer, Run, Trial
from pytest_llmcost.strategies.learn.samples import Outcome
from pytest_llmcost.strategies.semantic.calibrate import (
    ALL_GUARDS,
    THRESHOLDS,
    CalibratedCache,
    GuardEffect,
    Pair,
    Reused,
    Walk,
    calibrate_cache,
    effects_of,
    pairs_of,
    without_each,
)
from pytest_llmcost.strategies.semantic.replay import Traffic, question_of
from pytest_llmcost.suites.strategies.semantic import asked_by


@dataclass(frozen=True, slots=True)
class _Told:
    """One suite, what the strategy answered in the run, and the cases that count."""

    suite: Suite
    spec: StrategySpec
    trials: Mapping[str, Trial]
    cases: Mapping[str, Case]


def calibrate_run(
    root: Path, run: Run, path: str, *, strategy: str | None, namespace: str, loss: float, confidence: float
) -> tuple[CalibratedCache, tuple[GuardEffect, ...], list[str]]:
    """Return the thresholds of a semantic cache before a strategy of *run*, what guards do, and what must be said.

    Nothing is asked: answers are those that the cache kept. The first trial of each case counts.

    Args:
        root: The project's.
        run: A run of the strategy without a semantic cache.
        path: Its file, for messages.
        strategy: Whose answers are to be cached; None: the only one of the run.
        namespace: A field that keeps answers apart; empty: none.
        loss: The largest accepted share of wrong hits.
        confidence: How sure that has to be.

    Raises:
        BaselineError: If the run does not have such a strategy, or none of its cases counts.
        SuiteError, SettingsError, WeightsError: If its suites, the configuration or the embedder cannot be used.
    """
    notes: list[str] = []
    with _replaying(root, notes) as (runner, extensions):
        told = list(_told(root, run, path, strategy, runner, notes))
        walks = [_walk(root, one, namespace, notes) for one in told]
        scored = _scored(runner, extensions, told, pairs_of(walks, ALL_GUARDS), notes)
        found = calibrate_cache(told[0].spec.name, walks, scored, loss=loss, confidence=confidence)
        others = [pair for pair in pairs_of(walks, without_each(found.looked_at).values()) if pair not in scored]
        scored |= _scored(runner, extensions, told, others, [])
    return found, effects_of(walks, scored, found.looked_at), notes


@contextmanager
def _replaying(root: Path, notes: list[str]) -> Iterator[tuple[Runner, Extensions]]:
    extensions = installed_extensions()
    with tempfile.TemporaryDirectory(prefix="llmcost-") as folder:
        settings, account = read_settings(root, os.environ), Path(folder, "account.sqlite")
        runner = Runner(settings, mode="replay", account=account, warn=notes.append, extensions=extensions)
        try:
            runner.open_budgets(Decimal(0), [])
            yield runner, extensions
        finally:
            runner.close()


def _told(root: Path, run: Run, path: str, strategy: str | None, runner: Runner, notes: list[str]) -> Iterator[_Told]:
    files = [trial for trial in run.trials if "::" not in trial.suite]
    names = sorted({trial.strategy for trial in files if not trial.lookups})
    if strategy is None and len(names) != 1:
        raise _unusable(path, f"there are {len(names)} strategies without a semantic cache", names)
    name = strategy or names[0]
    if name not in names:
        raise _unusable(path, f"strategy {name!r} is not in the run, or has a semantic cache itself", names)
    found = 0
    for suite_path in sorted({trial.suite for trial in files if trial.strategy == name}):
        if not (root / suite_path).is_file():
            raise BaselineError(
                f"{suite_path} of the run is not below {root}. Go to pytest's root directory.", path=path
            )
        suite = runner.read_suite(root / suite_path, root)
        spec = next((spec for spec in suite.strategies if spec.name == name), None)
        if spec is None:
            notes.append(f"{suite_path} left out: it has no strategy {name!r} any more")
            continue
        trials = {one.case: one for one in files if (one.suite, one.strategy, one.trial) == (suite_path, name, 1)}
        cases = {case.id: case for case in suite.cases if _counts(case, trials.get(case.id))}
        if left := len(trials) - len(cases):
            notes.append(f"{suite_path}: {counted(left, 'case')} left out: unanswered, unscored, changed or gone")
        found += len(cases)
        yield _Told(suite, spec, trials, cases)
    if not found:
        raise BaselineError(
            f"{path}: no case of {name!r} is answered, scored and as it is in its suite today.", path=path
        )


def _unusable(path: str, what: str, names: Sequence[str]) -> BaselineError:
    there = ", ".join(names) or "none"
    return BaselineError(f"{path}: {what}. There are: {there}.\nName one: --strategy NAME.", path=path)


def _counts(case: Case, trial: Trial | None) -> bool:
    return trial is not None and trial.score is not None and trial.fingerprint == case.fingerprint


def _walk(root: Path, told: _Told, namespace: str, notes: list[str]) -> Walk:
    cases, (scopes, reads) = list(told.cases.values()), asked_by(told.spec)
    settings = SemanticCaching(scopes=tuple(sorted({*scopes, *([namespace] if namespace else [])})), reads=reads)
    questions = [question_of(case, settings) for case in cases]
    embedded = embed_in(root, notes.append)([question.text for question in questions])
    if long := sum(not one.is_whole for one in embedded):
        notes.append(f"{counted(long, 'question')} too long for the embedder: they hit by the same text alone")
    return Walk(
        told.suite.path,
        list(told.cases),
        {case: _outcome(told.trials[case]) for case in told.cases},
        {case.id: case.group for case in cases if case.group is not None},
        Traffic(questions, embedded, THRESHOLDS[-1]).walk,
    )


def _outcome(trial: Trial) -> Outcome:
    assert trial.score is not None
    return Outcome(trial.score, bool(trial.correct), trial.usd, trial.seconds)


def _scored(
    runner: Runner,
    extensions: Extensions,
    told: Sequence[_Told],
    pairs: Sequence[tuple[str, Pair]],
    notes: list[str],
) -> dict[tuple[str, Pair], Reused]:
    """Return each pair's earlier answer, scored as one to the later case; what is not kept is left out."""
    by_path = {one.suite.path: one for one in told}
    needed = dict.fromkeys((suite, source) for suite, (case, source) in pairs if _differ(by_path[suite], case, source))
    answers = _answers(runner, by_path, needed)
    if missing := len(needed) - len(answers):
        notes.append(
            f"{counted(missing, 'earlier answer')} not kept in the cache: their hits are neither right nor wrong. "
            "Run again, and calibrate before the cache is cleared"
        )
    scores, found = Scores(extensions.scorers), {}
    for suite, (case, source) in pairs:
        one = by_path[suite]
        own = _outcome(one.trials[case])
        if not _differ(one, case, source):
            found[suite, (case, source)] = Reused(own, own.score, own.is_right)
        elif (suite, source) in answers:
            score = _score(scores, one.suite, one.cases[case], answers[suite, source])
            if score is not None:
                found[suite, (case, source)] = Reused(own, score, score >= one.suite.threshold_of(one.cases[case]))
    return found


def _differ(told: _Told, case: str, source: str) -> bool:
    return told.trials[case].answer_sha256 != told.trials[source].answer_sha256


def _answers(
    runner: Runner, by_path: Mapping[str, _Told], wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Answer]:
    """Return what the run answered, as far as it is kept."""
    asked = {}
    for suite, case in wanted:
        one = by_path[suite]
        asked[suite, case] = runner.answer(one.suite, one.spec, one.cases[case], ())
    found = {}
    for (suite, case), future in asked.items():
        try:
            answer = future.result()
        except CallError:  # (a ReplayMiss; it is counted)
            continue
        if answer_digest(answer.value) == by_path[suite].trials[case].answer_sha256:
            found[suite, case] = answer
    return found


def _score(scores: Scores, suite: Suite, case: Case, answer: Answer) -> float | None:
    try:
        score = asyncio.run(_scoring(scores, suite, case, answer))
    except LlmCostError:
        return None
    return score if 0 <= score <= 1 else None


async def _scoring(scores: Scores, suite: Suite, case: Case, answer: Answer) -> float:
    return await scores.of(suite.scorer_of(case))(answer, case)
