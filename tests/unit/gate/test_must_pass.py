"""Cases of which so many trials have to be right."""

from __future__ import annotations

from fakes.evidence import BLANK

from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.gate.must_pass import judge_must_pass


def test_a_case_with_too_few_right_trials_fails_and_is_named() -> None:
    verdict = judge_must_pass(BLANK, {"late": (1, 2), "rain": (3, 2)})
    assert (verdict.outcome, verdict.lost) == (Outcome.FAIL, ("late",))
    assert verdict.reason == "'late' has 1 right trials of 2"


def test_as_many_right_trials_as_are_needed_pass() -> None:
    assert judge_must_pass(BLANK, {"late": (2, 2)}).outcome is Outcome.PASS
