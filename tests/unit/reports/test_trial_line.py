"""A trial's line: the names that files are read by, and all of it comes back."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest
from fakes.trials import CALL, FAILED, TRIAL

from pytest_llmcost.domain.avoided import Avoided
from pytest_llmcost.domain.trial import Step, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.reports.trial_line import trial_line, trial_of


def back(trial: Trial) -> Trial:
    """A trial as it comes out of a line."""
    return trial_of(json.loads(json.dumps(trial_line(trial, keep_text=True))))


def test_the_steps_of_a_cascade_and_its_confidence_come_back_and_other_lines_stay_as_they_were() -> None:
    steps = (Step("cheap", 1, confidence=0.41), Step("mid", 0, seconds=2.5), Step("frontier", 1))
    escalated = dataclasses.replace(TRIAL, calls=(CALL, CALL), steps=steps, confidence=0.97)

    assert back(escalated) == escalated
    assert escalated.seconds == 2 * 0.25 + 2.5
    line = trial_line(escalated, keep_text=False)
    assert line["steps"][0] == {"step": "cheap", "calls": 1, "confidence": 0.41}
    assert not {"steps", "confidence"} & trial_line(TRIAL, keep_text=False).keys()


def test_where_a_cached_call_came_from_and_what_a_strategy_spared_come_back() -> None:
    spared = (Avoided("semantic cache", 2, Decimal("0.01")), Avoided("cascade", 1, None))
    trial = dataclasses.replace(TRIAL, calls=(dataclasses.replace(CALL, origin="recordings"), CALL), avoided=spared)

    line = trial_line(trial, keep_text=False)

    assert [call.get("origin") for call in line["calls"]] == ["recordings", None]
    assert line["avoided"][1] == {"by": "cascade", "calls": 1, "usd": None}
    assert "avoided" not in trial_line(TRIAL, keep_text=False)
    assert back(trial) == trial


def test_a_streamed_calls_pace_is_kept_and_others_have_none() -> None:
    """After the first of 5 tokens that were no thought, 4 came in 0.2 s."""
    streamed = dataclasses.replace(CALL, ttft_seconds=0.05)
    trial = dataclasses.replace(TRIAL, calls=(streamed, CALL))

    first, second = trial_line(trial, keep_text=False)["calls"]

    assert (first["ttft_seconds"], first["tokens_per_second"]) == (0.05, 20.0)
    assert not {"ttft_seconds", "tokens_per_second"} & second.keys()
    assert back(trial) == trial


@pytest.mark.parametrize(
    "changes",
    [{"ttft_seconds": 0.25}, {"ttft_seconds": 0.05, "usage": Usage(9, output_tokens=1)}, {"ttft_seconds": None}],
    ids=str,
)
def test_an_answer_too_short_to_tell_its_pace_has_none(changes: dict[str, Any]) -> None:
    assert dataclasses.replace(CALL, **changes).tokens_per_second is None


def test_what_is_written_to_a_cache_for_an_hour_is_kept_apart() -> None:
    hour = dataclasses.replace(CALL, usage=dataclasses.replace(CALL.usage, cache_write_1h_tokens=4))
    trial = dataclasses.replace(TRIAL, calls=(hour,))

    assert trial_line(trial, keep_text=False)["calls"][0]["cache_write_1h_tokens"] == 4
    assert back(trial) == trial


@pytest.mark.parametrize("trial", [TRIAL, FAILED, dataclasses.replace(FAILED, not_run="budget reached ($0.50)")])
def test_a_trial_crosses_between_processes_as_one_json_text(trial: Trial) -> None:
    assert back(trial) == trial


def test_a_line_has_the_names_of_the_contract() -> None:
    line = trial_line(TRIAL, keep_text=False)

    assert {"suite", "strategy", "case", "trial", "score", "correct", "error", "usd", "paid_usd"} <= line.keys()
    assert {"seconds", "answer_sha256", "calls"} <= line.keys()
    assert line["calls"][0].keys() >= {
        *("model", "input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"),
        *("attempts", "seconds", "cached", "usd"),
    }


def test_answers_are_kept_only_where_they_may_be() -> None:
    assert not {"got", "expected"} & trial_line(TRIAL, keep_text=False).keys()
    assert trial_line(TRIAL, keep_text=True)["got"] == "spam"


def test_g07_a_replayed_run_has_the_same_lines_but_for_what_was_paid() -> None:
    replayed = dataclasses.replace(
        TRIAL,
        calls=(dataclasses.replace(CALL, cached=True, paid_usd=Decimal(0)),),
        shared=(dataclasses.replace(TRIAL.shared[0], cached=True, paid_usd=Decimal(0)),),
        paid_usd=Decimal(0),
    )

    def without_paid(trial: Trial) -> dict[str, Any]:
        line = trial_line(trial, keep_text=True)
        for call in (*line["calls"], *line["shared"]):
            del call["paid_usd"], call["cached"]
        del line["paid_usd"]
        return line

    assert without_paid(TRIAL) == without_paid(replayed)
