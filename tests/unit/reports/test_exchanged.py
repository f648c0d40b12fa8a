"""The sentence on another model in a tier's place."""

from __future__ import annotations

import dataclasses

import pytest
from fakes.rows import verdict

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.reports.exchanged import Exchanged, Reworded, exchanged_line, reworded_line

QUALITY = verdict("quality", estimate=-0.004, lower=-0.019, upper=0.011, margin=0.02, basis="test")
COST = verdict("cost", estimate=-0.66)
ONE = Exchanged("mid", "openai/new-model", "", QUALITY, COST, (2.0, 1.2), "p95")


def told(**changes: object) -> str:
    return exchanged_line(dataclasses.replace(ONE, **changes))


def test_it_says_what_a_team_needs() -> None:
    assert told() == (
        "mid = openai/new-model: quality -0.4 pt [-1.9, +1.1], not worse by more than 2 pt; cost -66 %; p95 -0.8 s"
    )


def test_of_several_strategies_each_is_named() -> None:
    assert told(place="bench_mail.yaml::cheap").startswith("mid = openai/new-model, bench_mail.yaml::cheap: quality")


@pytest.mark.parametrize(
    ("quality", "words"),
    [
        (dataclasses.replace(QUALITY, lower=0.001, upper=0.04, estimate=0.02), "quality +2.0 pt [+0.1, +4.0], better;"),
        (dataclasses.replace(QUALITY, outcome=Outcome.FAIL), "quality -0.4 pt [-1.9, +1.1], worse;"),
        (
            dataclasses.replace(QUALITY, outcome=Outcome.INCONCLUSIVE),
            "quality -0.4 pt [-1.9, +1.1], cannot tell whether it is worse by 2 pt;",
        ),
        (
            verdict("quality", basis="unchanged", estimate=0.0, margin=0.02, reason="unchanged: 60 equal"),
            "quality: unchanged: 60 equal;",
        ),
        (
            verdict("quality", Outcome.NEW, reason="no baseline to compare with"),
            "quality: no baseline to compare with;",
        ),
    ],
)
def test_quality_is_told_as_its_verdict_has_it(quality: Verdict, words: str) -> None:
    assert words in told(quality=quality)


def test_what_is_not_known_is_not_told_and_a_cost_without_a_ratio_with_its_reason() -> None:
    assert told(cost=None, seconds=None).endswith("not worse by more than 2 pt")
    assert "; cost: no price is known for m; p95" in told(cost=verdict("cost", reason="no price is known for m"))


def test_the_models_name_is_inert() -> None:
    assert "\x1b" not in told(model="\x1b[2J", tier="\x1b[2J", place="\x1b[2J")


SAFE = verdict("quality", estimate=-0.004, lower=-0.019, upper=0.011, margin=0.05, basis="test")
LEAN = Reworded("wordy", "lean", "", SAFE, (300.0, 102.0))


def reworded(**changes: object) -> str:
    return reworded_line(dataclasses.replace(LEAN, **changes))


def test_of_another_prompt_it_says_tokens_quality_and_whether_that_is_safe() -> None:
    told = "lean for wordy: 66 % fewer tokens, quality -0.4 pt [-1.9, +1.1]: safe, no drop of 5 pt"
    assert reworded() == told
    assert reworded(place="bench_mail.yaml").startswith("lean for wordy, bench_mail.yaml: 66 %")
    assert reworded(tokens=(100.0, 150.0)).startswith("lean for wordy: 50 % more tokens, ")


def test_what_is_not_proven_is_not_called_safe() -> None:
    worse = dataclasses.replace(SAFE, outcome=Outcome.FAIL)
    untold = dataclasses.replace(SAFE, outcome=Outcome.INCONCLUSIVE)
    bound = dataclasses.replace(worse, basis="bound", reason="40 % is below the floor of 60 %")
    assert reworded(quality=worse).endswith(": not safe, worse")
    assert reworded(quality=untold).endswith(": cannot tell a drop of 5 pt")
    assert reworded(quality=bound).endswith("quality: 40 % is below the floor of 60 %")
