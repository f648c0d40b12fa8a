"""Cases of which so many trials have to be right: a count, not a test."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from pytest_llmcost.domain.gate import Outcome, Verdict


def judge_must_pass(blank: Verdict, counts: Mapping[str, tuple[int, int]]) -> Verdict:
    """Return whether every case has as many right trials as it needs.

    Args:
        blank: A verdict with suite and strategy filled in.
        counts: By case, how many trials were right, and how many have to be.
    """
    short = {case: count for case, count in counts.items() if count[0] < count[1]}
    told = ", ".join(f"'{case}' has {right} right trials of {needed}" for case, (right, needed) in short.items())
    reason = told or f"{len(counts)} cases have as many right trials as they need"
    outcome = Outcome.FAIL if short else Outcome.PASS
    return dataclasses.replace(
        blank, metric="must_pass", outcome=outcome, reason=reason, basis="bound", n=len(counts), lost=tuple(short)
    )
