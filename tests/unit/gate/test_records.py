"""How a case's trials become the one record that is compared and stored."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from fakes.evidence import MODEL, record

from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.trial import Call, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.records import records_of

BY_TOKEN = {MODEL: Price(input=Decimal(1), output=Decimal(10))}


def call(**changes: Any) -> Call:
    asked = Call(MODEL, Usage(input_tokens=100, output_tokens=5), 0.25, Decimal(1), Decimal(0), 1, False)
    return dataclasses.replace(asked, **changes)


def trial(number: int = 1, **changes: Any) -> Trial:
    fields: dict[str, Any] = {
        "suite": "bench_mail.yaml",
        "strategy": "cheap",
        "case": "late",
        "trial": number,
        "fingerprint": "9f2c41",
        "score": 1.0,
        "correct": True,
        "error": None,
        "calls": (call(),),
        "paid_usd": Decimal(0),
        "answer_sha256": "aa",
    }
    return Trial(**(fields | changes))


def test_trials_of_a_case_are_one_record_in_their_own_order() -> None:
    (found,) = records_of([trial(2, score=0.0), trial(1, score=1.0)])

    assert found.scores == (1.0, 0.0)
    assert found.usage == {MODEL: Usage(input_tokens=200, output_tokens=10)}
    assert (found.mean_score, found.tokens_per_trial, found.seconds_per_trial) == (0.5, 105, 0.25)


def test_a_trial_without_a_score_is_counted_apart() -> None:
    (found,) = records_of([trial(1), trial(2, score=None, error="time-out")])

    assert (found.scores, found.unanswered, found.is_scored) == ((1.0,), 1, False)


def test_the_first_token_is_timed_only_where_every_scored_trial_timed_it() -> None:
    """The wait is for the last call's first token, with all of the calls before it."""
    two_calls = (call(), call(ttft_seconds=0.1))
    timed = [trial(1, calls=two_calls), trial(2, calls=(call(ttft_seconds=0.05),))]

    (found,) = records_of([*timed, trial(3, score=None, calls=(), error="time-out")])
    (untimed,) = records_of([*timed, trial(3)])

    assert found.ttft_seconds_per_trial == pytest.approx(0.2)
    assert untimed.ttft_seconds_per_trial is None


def test_what_was_not_run_for_lack_of_budget_leaves_no_record() -> None:
    assert records_of([trial(score=None, not_run="budget reached ($0.50)", calls=())]) == ()


def test_cases_stay_in_the_order_in_which_they_first_appear() -> None:
    assert [r.case for r in records_of([trial(case="b"), trial(case="a"), trial(2, case="b")])] == ["b", "a"]


def test_six_digits_of_a_fingerprint_are_kept() -> None:
    assert records_of([trial(fingerprint="0123456789ab")])[0].fingerprint == "012345"


def test_other_answers_have_another_digest_and_the_same_answers_the_same() -> None:
    def digest_of(*answers: str | None) -> str:
        (found,) = records_of([trial(n, answer_sha256=answer) for n, answer in enumerate(answers, 1)])
        return found.answers

    assert digest_of("aa") == digest_of("aa")
    assert len({digest_of("aa"), digest_of("bb"), digest_of(None), digest_of("aa", "bb"), digest_of("bb", "aa")}) == 5


def test_a_trial_is_priced_as_if_nothing_were_cached_by_us() -> None:
    (found,) = records_of([trial(1, calls=(call(cached=True, usd=Decimal(9)),)), trial(2)])

    assert found.usd_per_trial(BY_TOKEN) == Decimal("0.00015")  # 100 x 1 + 5 x 10 microdollars, whatever was booked


def test_compute_time_is_priced_by_the_hour() -> None:
    by_hour = {MODEL: Price(usd_per_hour=Decimal(3600))}

    assert record("late", 1.0, 1.0, seconds=3.0).usd_per_trial(by_hour) == Decimal("1.5")


def test_a_context_tier_counts_for_each_trial_alone() -> None:
    """Three trials of 100 tokens are no request of 300."""
    tiered = {MODEL: Price(input=Decimal(1), above=((200, Price(input=Decimal(100))),))}
    (found,) = records_of([trial(n, calls=(call(usage=Usage(input_tokens=100)),)) for n in (1, 2, 3)])

    assert found.usd_per_trial(tiered) == Decimal("0.0001")


def test_how_often_a_model_was_asked_is_kept_where_that_is_not_once_a_trial() -> None:
    (once,) = records_of([trial(1), trial(2)])
    (more,) = records_of([trial(1), trial(2, calls=(call(), call(), call(model="stub/large")))])

    assert (once.calls, once.calls_of(MODEL)) == ({}, 2)
    assert (more.calls, more.calls_of(MODEL)) == ({MODEL: 3, "stub/large": 1}, 3)


def test_each_call_pays_for_its_request_and_for_its_own_context_tier() -> None:
    """Two calls of 100 tokens are no request of 200."""
    price = Price(input=Decimal(1), per_request=Decimal(1), above=((150, Price(input=Decimal(100))),))
    (found,) = records_of([trial(calls=(call(), call()))])

    assert found.usd_per_trial({MODEL: price}) == Decimal("2.0002")


def test_each_model_that_is_priced_by_the_hour_pays_for_its_own_seconds() -> None:
    """An hour of the one at 2 USD, and two of the other at 3."""
    calls = (call(seconds=3600.0), call(seconds=7200.0, model="stub/large"))
    (found,) = records_of([trial(1, calls=calls), trial(2, calls=calls)])
    by_the_hour = {MODEL: Price(usd_per_hour=Decimal(2)), "stub/large": Price(usd_per_hour=Decimal(3))}

    assert found.each_seconds == {MODEL: 7200.0, "stub/large": 14400.0}
    assert found.usd_per_trial(by_the_hour) == 2 + 6


def test_a_record_without_a_score_has_no_mean() -> None:
    with pytest.raises(ZeroDivisionError):
        _ = record("late", scores=()).mean_score
