"""Cases, pairs and verdicts as a gate sees them, made in one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.pairing import Pairing, pair_cases
from pytest_llmcost.gate.records import CaseRecord

MODEL = "stub/small"
BLANK = Verdict("bench_mail.yaml", "cheap", "", Outcome.NEW, "")


def record(case: str = "late", *scores: float, **changes: Any) -> CaseRecord:
    """A case that was answered right once, unless other *scores* are given."""
    fields: dict[str, Any] = {
        "case": case,
        "strategy": "cheap",
        "fingerprint": "9f2c41",
        "scores": scores or (1.0,),
        "answers": "right " if min(scores, default=1.0) == 1.0 else "wrong ",
        "usage": {MODEL: Usage(input_tokens=500, output_tokens=8)},
        "seconds": 0.5,
    }
    return CaseRecord(**(fields | changes))


def records(n: int, wrong: Sequence[int] = (), **changes: Any) -> list[CaseRecord]:
    """*n* cases, those at the places *wrong* answered wrongly."""
    return [record(f"c{place:03}", float(place not in wrong), **changes) for place in range(n)]


def paired(losses: int, gains: int, n: int, *, same_strategy: bool = False) -> Pairing:
    """*n* cases on both sides, of which so many turned wrong and so many turned right."""
    before = records(n, wrong=range(losses, losses + gains))
    return pair_cases(before, records(n, wrong=range(losses)), same_strategy=same_strategy)


def measured(base: Sequence[float], cand: Sequence[float]) -> Pairing:
    """Cases that took so many seconds before, and now."""
    before = [record(f"c{place:03}", seconds=seconds) for place, seconds in enumerate(base)]
    now = [record(f"c{place:03}", seconds=seconds) for place, seconds in enumerate(cand)]
    return pair_cases(before, now, same_strategy=False)


def graded(
    before: Sequence[float | Sequence[float]],
    now: Sequence[float | Sequence[float]],
    groups: Sequence[str | None] = (),
) -> Pairing:
    """Cases with one score a side, or those of their trials; strategies and answers differ."""
    sides = [
        [
            record(f"c{place:03}", *([scores] if isinstance(scores, int | float) else scores), answers=answers)
            for place, scores in enumerate(side)
        ]
        for side, answers in ((before, "before"), (now, "now   "))
    ]
    named = {one.case: group for one, group in zip(sides[0], groups, strict=True)} if groups else None
    return pair_cases(*sides, same_strategy=False, groups=named)
