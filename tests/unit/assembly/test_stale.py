"""In what a strategy is no more what the baseline holds is said, as exactly as the baseline can tell."""

from __future__ import annotations

import dataclasses

import pytest
from fakes.evidence import MODEL, records

from pytest_llmcost.assembly.stale import fingerprint_of, parts_of, stale_lines
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.pairing import pair_cases

COVERED = {"model": "stub", "params": {}, "prompt": "Whose?", "parse": "label", "calibrate": False, "labels": []}


def strategy(charged_as: str = MODEL, price: float = 1, **changes: object) -> StrategyRecord:
    covered = {**COVERED, **changes}
    return StrategyRecord(fingerprint_of(covered), charged_as, {charged_as: {"input": price}}, parts_of(covered))


def lines(before: StrategyRecord, now: StrategyRecord, version: str = MODEL) -> list[str]:
    answered = records(3, usage={version: Usage(1, 0, 0, 1)})
    return list(stale_lines(before, now, pair_cases(records(3), answered, same_strategy=True)))


def test_of_what_is_the_same_nothing_is_said() -> None:
    assert lines(strategy(), strategy()) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"prompt": "Mine?"}, "prompt"),
        ({"params": {"seed": 7}, "labels": ["a"]}, "parameters, labels"),
        ({"parse": "text", "calibrate": True}, "parsing, calibration"),
        ({"model": "new", "prompt": "Mine?"}, "model, prompt"),
    ],
)
def test_what_changed_of_a_strategy_is_said(changes: dict[str, object], said: str) -> None:
    assert lines(strategy(), strategy(**changes)) == [f"changed since the baseline: {said}"]


def test_a_model_is_named_before_and_now_and_once() -> None:
    assert lines(strategy(), strategy("stub/large", model="other")) == [
        f"changed since the baseline: model ({MODEL} -> stub/large)"
    ]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (strategy(prompt="Mine?"), "prompt, parameters or parsing"),
        (strategy("stub/large", model="x"), f"model ({MODEL} -> stub/large), perhaps prompt or parameters, too"),
    ],
)
def test_of_an_older_baseline_without_parts_all_that_may_have_changed_is_said(now: StrategyRecord, said: str) -> None:
    before = dataclasses.replace(strategy(), parts={})

    assert lines(before, now) == [f"changed since the baseline: {said}"]


def test_another_version_behind_the_same_name_is_said() -> None:
    assert lines(strategy(), strategy(), "stub/small-2027") == [
        f"answered by stub/small-2027, and in the baseline by {MODEL}"
    ]


def test_another_price_is_said() -> None:
    assert lines(strategy(), strategy(price=2)) == [
        f"the price of {MODEL} changed since the baseline was stored: both sides are counted at today's"
    ]
