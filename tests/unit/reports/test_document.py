"""The report for programs: stable keys, finite numbers, pure ASCII."""

from __future__ import annotations

import json
import math
from decimal import Decimal

from fakes.reports import report
from fakes.rows import row, verdict

from pytest_llmcost.domain.avoided import Avoided
from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.reports.document import document_of, document_text
from pytest_llmcost.reports.report import Reused
from pytest_llmcost.reports.summary import Turned


def test_every_strategy_carries_its_evidence() -> None:
    failed = verdict(
        "quality", Outcome.FAIL, reason="worse", estimate=-0.1, lower=-0.15, upper=-0.05, p=0.01, p_adjusted=0.02,
        n=100, losses=12, gains=2, margin=0.05, needed=140,
    )  # fmt: skip
    told = document_of(report(row(failed), outcome=Outcome.FAIL, why="it fails"))

    assert (told["format"], told["outcome"], told["title"]) == ("llmcost-report/1", "fail", "Failed: it fails")
    (strategy,) = told["strategies"]
    assert (strategy["usd"], strategy["paid_usd"], strategy["tokens"], strategy["p95_seconds"]) == (
        0.0123,
        0,
        20320,
        1.25,
    )
    (told_verdict,) = strategy["verdicts"]
    assert told_verdict | {
        "metric": "quality", "outcome": "fail", "reason": "worse", "estimate": -0.1, "lower": -0.15, "upper": -0.05,
        "p": 0.01, "p_adjusted": 0.02, "n": 100, "losses": 12, "gains": 2, "margin": 0.05, "needed": 140,
    } == told_verdict  # fmt: skip


def test_what_has_no_bound_is_null() -> None:
    open_ended = verdict("cost", estimate=0.1, lower=-math.inf, upper=math.inf)

    (told,) = json.loads(document_text(report(row(open_ended))))["strategies"][0]["verdicts"]
    assert (told["lower"], told["upper"]) == (None, None)


def test_an_answer_that_is_not_known_is_left_out_and_one_that_could_not_be_parsed_is_null() -> None:
    lost = [Turned("late", "shop", None, None, is_before_known=False)]
    (told,) = document_of(report(row(verdict("quality"), lost=lost)))["strategies"][0]["lost"]

    assert "before" not in told
    assert told["now"] is None


def test_t15_the_share_of_cached_answers_and_their_origin_are_told() -> None:
    assert document_of(report())["reused"] == {
        "answers": 40, "cached": 10, "share": 0.25, "usd": 0.003, "origin": ".llmcost/cache",
        "avoided": [],
    }  # fmt: skip
    spared = Reused(0, 0, Decimal(0), avoided=(Avoided("local cache", 2, Decimal("0.02")), Avoided("cascade", 1, None)))
    assert document_of(report(reused=spared))["reused"]["avoided"] == [
        {"by": "local cache", "calls": 2, "usd": 0.02},
        {"by": "cascade", "calls": 1, "usd": None},
    ]
    assert document_of(report(reused=Reused(0, 0, Decimal(0))))["reused"]["share"] is None


def test_t06_it_can_be_printed_into_any_log() -> None:
    hostile = "\x9b2J\u202e\ud800\n::error::x ##[command]x ##vso[x]"
    text = document_text(report(row(verdict("quality", reason=hostile)), notes=[hostile]))

    assert text.isascii()
    assert "##" not in text
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert json.loads(text)["notes"] == [hostile]
