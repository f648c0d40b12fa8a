"""Which cases turned, and from what: a baseline holds digests only, and an answer out of a small set is told by its."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pytest_llmcost.assembly.trials import answer_digest
from pytest_llmcost.domain.digest import canonical_json, digest
from pytest_llmcost.domain.suite import Case, Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.gate.pairing import Pair, Pairing
from pytest_llmcost.gate.records import DIGITS, CaseRecord
from pytest_llmcost.reports.summary import Turned


def turned_cases(
    pairing: Pairing, trials: Sequence[Trial], suite: Suite
) -> tuple[tuple[Turned, ...], tuple[Turned, ...]]:
    """Return the cases that score lower than before, and those that score higher, each the largest change first.

    Of several trials the one that shows it best stands for all: the lowest score, or the highest.
    """
    by_case: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        by_case[trial.case].append(trial)
    cases = {case.id: case for case in suite.cases}
    lost, won = [], []
    for pair in sorted(pairing.pairs, key=lambda pair: -abs(pair.change)):
        own = sorted(by_case[pair.now.case], key=lambda trial: trial.score or 0.0)
        if pair.change < 0:
            lost.append(_turned(pair, own[0], cases[pair.now.case], suite))
        elif pair.change > 0:
            won.append(_turned(pair, own[-1], cases[pair.now.case], suite))
    return tuple(lost), tuple(won)


def _turned(pair: Pair, now: Trial, case: Case, suite: Suite) -> Turned:
    scores = None if pair.is_right_or_wrong else (pair.before.mean_score, pair.now.mean_score)
    return dataclasses.replace(told(now, case, suite, pair.before), scores=scores)


def told(now: Trial, case: Case, suite: Suite, before: CaseRecord | None) -> Turned:
    """Return a case's answers before, as far as their digests tell them, and now."""
    answers = (*case.expected, *suite.labels, None)
    times = len(before.scores) if before else 0
    known = {digest([answer_digest(answer)] * times)[:DIGITS]: answer for answer in answers} if before else {}
    digests = {answer_digest(answer): answer for answer in answers}  # a run that was read from its file has no others
    if now.got is not None:
        digests[now.answer_sha256] = now.got
    answers_before = before.answers if before else ""
    return Turned(
        case=now.case,
        place=_place(case, suite),
        expected=" or ".join(_in_words(answer) or "" for answer in case.expected),
        before=_in_words(known.get(answers_before)),
        now=_in_words(digests.get(now.answer_sha256)),
        is_before_known=answers_before in known,
        is_now_known=now.answer_sha256 in digests,
    )


def _place(case: Case, suite: Suite) -> str:
    """Return where a case stands; nothing for a test in Python, whose id says it."""
    if not case.path:
        return ""
    return f"line {case.line}" if case.path == suite.path else f"{case.path}:{case.line}"


def _in_words(answer: Any) -> str | None:
    return answer if answer is None or isinstance(answer, str) else canonical_json(answer)
