"""Cases of a run that gives no verdict, listed: which are right now, and which are not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.assembly.turned import told
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.reports.summary import Turned


def right_and_wrong(entry: Entry) -> tuple[tuple[Turned, ...], tuple[Turned, ...]]:
    """Return a strategy's cases all of whose trials are right, and those with a wrong one; without those unanswered."""
    before = {pair.now.case: pair.before for pair in entry.pairing.pairs} if entry.pairing else {}
    cases = {case.id: case for case in entry.suite.cases}
    by_case: dict[str, list[Trial]] = defaultdict(list)
    for trial in entry.trials:
        if trial.correct is not None:
            by_case[trial.case].append(trial)

    def listed(trials: Sequence[Trial]) -> Turned:
        shown = next((trial for trial in trials if not trial.correct), trials[0])
        return told(shown, cases[shown.case], entry.suite, before.get(shown.case))

    right = tuple(listed(trials) for trials in by_case.values() if all(trial.correct for trial in trials))
    wrong = tuple(listed(trials) for trials in by_case.values() if not all(trial.correct for trial in trials))
    return right, wrong
