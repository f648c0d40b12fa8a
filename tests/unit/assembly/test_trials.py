"""Whatever happens to a case is written down, and never counted as something else."""

from __future__ import annotations

import asyncio
import hashlib
from decimal import Decimal
from typing import Any

import pytest
from fakes.complete import failure

from pytest_llmcost.assembly.trials import answer_digest, run_trial
from pytest_llmcost.domain.errors import BudgetReached, LlmCostError, PriceError
from pytest_llmcost.domain.protocols import Scorer
from pytest_llmcost.domain.suite import Case, Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import Answer, Call, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.scoring.text import exact

SPEC = StrategySpec("cheap", "stub/small", Prompt(prompt="{{ text }}"), {}, "text", False, None)
CASE = Case("late", {"text": "Where?"}, ("spam", "junk"), "9f2c41")
SUITE = Suite("bench_mail.yaml", "mail", "", (), (SPEC,), "exact", 1.0, None, (CASE,))
CALL = Call("stub/small", Usage(10, output_tokens=2), 0.25, Decimal("0.02"), Decimal("0.01"), 1, False, "ab")


class ScriptedStrategy:
    """Satisfies `Strategy`: gives an answer, or raises."""

    def __init__(self, outcome: Answer | Exception) -> None:
        self._outcome = outcome

    async def answer(self, case: Case, trial: int) -> Answer:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def trial_of(outcome: Answer | Exception, scorer: Scorer = exact) -> Trial:
    strategy = ScriptedStrategy(outcome)

    async def score(answer: Answer, case: Case) -> float:
        return scorer(answer, case)

    return asyncio.run(run_trial(lambda *_: strategy, score, SUITE, SPEC, CASE, 2))


def giving(score: Any) -> Scorer:
    return lambda answer, case: score  # type: ignore[no-any-return]


def test_an_answer_is_scored_and_its_calls_are_booked() -> None:
    trial = trial_of(Answer("spam", " spam", (CALL, CALL), shared=(CALL,), flags=("length",)))

    assert (trial.suite, trial.strategy, trial.case, trial.trial) == ("bench_mail.yaml", "cheap", "late", 2)
    assert (trial.score, trial.correct, trial.error, trial.got) == (1.0, True, None, "spam")
    assert (trial.expected, trial.fingerprint, trial.flags) == (("spam", "junk"), "9f2c41", ("length",))
    assert (trial.usd, trial.paid_usd, trial.seconds) == (Decimal("0.04"), Decimal("0.02"), 0.5)
    assert trial.shared == (CALL,)
    assert trial.answer_sha256 == hashlib.sha256(b"spam").hexdigest()


def test_a_wrong_answer_is_wrong_and_no_error() -> None:
    trial = trial_of(Answer("ham", "ham", ()))

    assert (trial.score, trial.correct, trial.error) == (0.0, False, None)


def test_an_unparsed_answer_is_wrong_and_has_no_digest() -> None:
    trial = trial_of(Answer(None, "dunno", ()))

    assert (trial.score, trial.answer_sha256, trial.got) == (0.0, None, None)


@pytest.mark.parametrize(("score", "correct"), [(1, True), (True, True), (0.5, False), (0, False), (False, False)])
def test_correct_is_a_score_that_reaches_the_threshold(score: float, correct: bool) -> None:
    trial = trial_of(Answer("spam", "spam", ()), giving(score))

    assert (trial.score, trial.correct) == (float(score), correct)
    assert isinstance(trial.score, float)


@pytest.mark.parametrize("score", [float("nan"), 1.5, -0.1, None, "1", float("inf")])
def test_s05_a_score_outside_of_nought_to_one_leaves_the_case_unscored(score: Any) -> None:
    trial = trial_of(Answer("spam", "spam", (CALL,)), giving(score))

    assert (trial.score, trial.correct, trial.error_kind) == (None, None, "unscored")
    assert trial.error == f"the scorer gave {score!r}: 0..1 is needed"
    assert trial.calls == (CALL,), "what was paid is not lost"


def test_s05_a_scorer_that_raises_leaves_the_case_unscored_with_the_reason() -> None:
    def raising(answer: Answer, case: Case) -> float:
        raise KeyError("label")

    trial = trial_of(Answer("spam", "spam", (CALL,)), raising)

    assert (trial.score, trial.error, trial.error_kind) == (None, "the scorer raised KeyError: 'label'", "unscored")
    assert trial.paid_usd == Decimal("0.01")


def test_a_failed_call_is_the_cases_error_with_its_kind_and_what_it_cost() -> None:
    trial = trial_of(failure("time-out", paid_usd=Decimal("0.03")))

    assert (trial.score, trial.error, trial.error_kind) == (None, "stub/small: time-out.", "time-out")
    assert (trial.paid_usd, trial.not_run) == (Decimal("0.03"), "")


def test_a_budget_that_is_reached_means_not_run_and_is_neither_wrong_nor_an_error() -> None:
    reached = BudgetReached(
        "budget reached ($0.50)", budget=Decimal("0.5"), spent=Decimal("0.5"), paid_usd=Decimal("0.02")
    )

    trial = trial_of(reached)

    assert (trial.score, trial.error, trial.not_run) == (None, None, "budget reached ($0.50)")
    assert trial.paid_usd == Decimal("0.02"), "earlier attempts of the refused call were charged"


@pytest.mark.parametrize("error", [PriceError("no price", model="m"), LlmCostError("anything of ours")])
def test_any_failure_that_is_written_for_the_user_is_the_cases_error(error: LlmCostError) -> None:
    trial = trial_of(error)

    assert (trial.error, trial.error_kind) == (str(error), type(error).__name__)


def test_a_strategy_that_cannot_be_built_is_the_cases_error_too() -> None:
    def failing(*_: Any) -> ScriptedStrategy:
        raise PriceError("no price is known", model="m")

    async def score(answer: Answer, case: Case) -> float:
        return exact(answer, case)

    trial = asyncio.run(run_trial(failing, score, SUITE, SPEC, CASE, 1))

    assert (trial.error, trial.error_kind) == ("no price is known", "PriceError")


def test_answers_are_known_by_their_digest_and_no_answer_by_none() -> None:
    assert answer_digest("a") != answer_digest("b")
    assert answer_digest(None) is None
    assert answer_digest("half \ud83d") is not None
