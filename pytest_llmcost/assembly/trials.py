"""One execution of a case: answered by a strategy, scored, and written down, whatever happens."""

from __future__ import annotations

import dataclasses
import hashlib
import traceback
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from pytest_llmcost.domain.digest import canonical_json
from pytest_llmcost.domain.errors import BudgetReached, CallError, LlmCostError, ScorerError
from pytest_llmcost.domain.protocols import Strategy
from pytest_llmcost.domain.suite import Case, StrategySpec, Suite
from pytest_llmcost.domain.trial import Answer, Trial

Score = Callable[[Answer, Case], Awaitable[float]]
"""Says how good an answer is; it may take its time."""


async def run_trial(
    strategy_of: Callable[[Suite, StrategySpec], Strategy],
    score_of: Score,
    suite: Suite,
    spec: StrategySpec,
    case: Case,
    number: int,
) -> Trial:
    """Return what came of asking a strategy about *case*; failures are part of the trial, never raised."""
    blank = blank_trial(suite, spec, case, number)
    try:
        answer = await strategy_of(suite, spec).answer(case, number)
    except BudgetReached as reached:
        return dataclasses.replace(blank, not_run=str(reached), paid_usd=reached.paid_usd)
    except CallError as failed:
        return dataclasses.replace(blank, error=str(failed), error_kind=failed.kind, paid_usd=failed.paid_usd)
    except LlmCostError as failed:
        return dataclasses.replace(blank, error=str(failed), error_kind=type(failed).__name__)
    except Exception as fault:
        return dataclasses.replace(blank, error=_fault_text(fault), error_kind="fault")
    threshold = suite.threshold_of(case)
    score, unscored = await _score(answer, score_of, case)
    return dataclasses.replace(
        blank,
        score=score,
        correct=None if score is None else score >= threshold,
        error=unscored,
        error_kind="unscored" if unscored else "",
        calls=answer.calls,
        shared=answer.shared,
        flags=answer.flags,
        paid_usd=sum((call.paid_usd for call in answer.calls), answer.lost_usd),
        answer_sha256=answer_digest(answer.value),
        got=answer.value,
        confidence=answer.confidence,
        steps=answer.steps,
        passages=answer.passages,
        lookups=answer.lookups,
        avoided=answer.avoided,
    )


def blank_trial(suite: Suite, spec: StrategySpec, case: Case, number: int) -> Trial:
    """Return the trial of a case of which nothing came so far."""
    return Trial(
        suite=suite.path,
        strategy=spec.name,
        case=case.id,
        trial=number,
        fingerprint=case.fingerprint,
        score=None,
        correct=None,
        error=None,
        calls=(),
        paid_usd=Decimal(0),
        expected=case.expected,
    )


def _fault_text(fault: Exception) -> str:
    # One broken strategy must not leave its cases out of the books; where it broke is what a report needs.
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    return (
        f"{type(fault).__name__}: {fault}\nThis is a fault of the code at {frame.filename}:{frame.lineno}: report it."
    )


def answer_digest(value: Any) -> str | None:
    """Return the SHA-256 of a parsed answer (JSON by its canonical text), or None where nothing was parsed."""
    if value is None:
        return None
    text = value if isinstance(value, str) else canonical_json(value)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


async def _score(answer: Answer, score_of: Score, case: Case) -> tuple[float | None, str | None]:
    """Return the score, or None and why there is none."""
    try:
        score = await score_of(answer, case)
    except ScorerError as error:
        return None, f"unscored: {error}"
    except Exception as error:  # (a scorer is anybody's code; its failure is this case's, with the reason)
        return None, f"the scorer raised {type(error).__name__}: {error}"
    if not isinstance(score, int | float) or not 0 <= score <= 1:
        return None, f"the scorer gave {score!r}: 0..1 is needed"
    return float(score), None
