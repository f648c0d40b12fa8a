"""From trials to metrics beside the verdicts: which labels are confused, and which cases flicker."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from pytest_llmcost.assembly.trials import answer_digest
from pytest_llmcost.domain.metrics import Flicker, LabelMetrics, LabelScore, RepeatMetrics
from pytest_llmcost.domain.suite import Case, Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.statistics.agreement import cohen_kappa, label_shares
from pytest_llmcost.statistics.repeats import pass_all, pass_at

Reading = tuple[str, str | None, str]
"""A trial's expected label, the one that was given (None: no label), and what it stands or falls with."""


def repeat_metrics(trials: Sequence[Trial]) -> RepeatMetrics | None:
    """Return what several trials a case tell; None where there is one of some case, or no case.

    Args:
        trials: All of the cases that were answered whole.
    """
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for trial in trials:
        counts[trial.case][0] += bool(trial.correct)
        counts[trial.case][1] += 1
    fewest = min((asked for _, asked in counts.values()), default=0)
    if fewest < 2:
        return None
    return RepeatMetrics(
        trials=fewest,
        pass_at=tuple(fmean(pass_at(k, *count) for count in counts.values()) for k in range(1, fewest + 1)),
        pass_all=tuple(fmean(pass_all(k, *count) for count in counts.values()) for k in range(1, fewest + 1)),
        flickering=tuple(Flicker(case, *count) for case, count in counts.items() if 0 < count[0] < count[1]),
    )


def label_metrics(suite: Suite, trials: Sequence[Trial]) -> LabelMetrics | None:
    """Return how the answers compare with the labels expected; None where the suite has no labels.

    Args:
        suite: Whose labels and cases they are.
        trials: All of the cases that were answered whole.
    """
    if not suite.labels:
        return None
    asked = {trial.case for trial in trials}
    cases = {case.id: case for case in suite.cases if case.id in asked}
    whole = {case.id: case for case in cases.values() if _has_one_label(case, suite)}
    readings = list(_readings(suite, whole, trials))
    if not readings:
        return None
    table = Counter((expected, given) for expected, given, _ in readings)
    expected, given, groups = zip(*readings, strict=True)
    scores = tuple(_score_of(label, table) for label in suite.labels)
    known = [score.f1 for score in scores if score.f1 is not None]
    kappa = cohen_kappa(expected, given, groups)
    return LabelMetrics(
        labels=scores,
        matrix=tuple(tuple(table[row, column] for column in (*suite.labels, None)) for row in suite.labels),
        macro_f1=fmean(known) if known else None,
        kappa=kappa.value if kappa else None,
        lower=kappa.interval.lower if kappa else None,
        upper=kappa.interval.upper if kappa else None,
        left_out=len(cases) - len(whole),
    )


def _has_one_label(case: Case, suite: Suite) -> bool:
    return len(case.expected) == 1 and case.expected[0] in suite.labels


def _readings(suite: Suite, cases: Mapping[str, Case], trials: Sequence[Trial]) -> Iterator[Reading]:
    # A run that was read from its file holds digests instead of answers; and what the scorer took for right is the
    # label, however it was written.
    digests = {answer_digest(form): label for label in suite.labels for form in _forms(label)}
    for trial in trials:
        if case := cases.get(trial.case):
            expected = case.expected[0]
            given = expected if trial.correct else digests.get(trial.answer_sha256)
            yield expected, given, f"case {case.id}" if case.group is None else f"group {case.group}"


def _forms(label: str) -> set[str]:
    return {label, label.lower(), label.upper(), label.capitalize(), label.title()}


def _score_of(label: str, table: Counter[tuple[str, str | None]]) -> LabelScore:
    expected = sum(count for (row, _), count in table.items() if row == label)
    answered = sum(count for (_, column), count in table.items() if column == label)
    shares = label_shares(right := table[label, label], answered, expected)
    return LabelScore(label, expected, answered, right, shares.precision, shares.recall, shares.f1)
