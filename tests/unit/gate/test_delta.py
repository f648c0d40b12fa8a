"""Why a case costs more or less: split into its parts, to the last digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from fakes.evidence import record, records
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmcost.domain.change import CostChange
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.delta import cost_change
from pytest_llmcost.gate.pairing import Pairing, pair_cases
from pytest_llmcost.gate.records import CaseRecord

CHEAP = Price(input=Decimal(1), output=Decimal(10), cached_input=Decimal("0.1"))
DEAR = Price(input=Decimal(5), output=Decimal(25), per_request=Decimal("0.001"))
LONG = Price(input=Decimal(2), output=Decimal(4), above=((400, Price(input=Decimal(6), output=Decimal(8))),))
TIMED = Price(usd_per_hour=Decimal("0.04"))
PRICES = {"cheap": CHEAP, "dear": DEAR, "long": LONG, "timed": TIMED}

usages = st.builds(
    lambda plain, cached, write, hour, out, think: Usage(
        plain + cached + write + hour, cached, write + hour, out + think, think, cache_write_1h_tokens=hour
    ),
    *[st.integers(0, 500)] * 6,
)


@st.composite
def sides(draw: st.DrawFn) -> list[CaseRecord]:
    """Three cases that any of the models answered, each in one to three trials."""
    return [
        record(
            name,
            *[1.0] * draw(st.integers(1, 3)),
            usage=draw(st.dictionaries(st.sampled_from(list(PRICES)), usages, max_size=2)),
            seconds=draw(st.floats(0, 9)),
            calls=draw(st.dictionaries(st.sampled_from(list(PRICES)), st.integers(1, 4), max_size=1)),
        )
        for name in ("late", "rain", "torn")
    ]


def paired(before: Sequence[CaseRecord], now: Sequence[CaseRecord]) -> Pairing:
    return pair_cases(before, now, same_strategy=False)


def changed(before: Mapping[str, Any], now: Mapping[str, Any], *prices: Mapping[str, Price]) -> CostChange:
    pairing = paired([record(**before)], [record(**now)])
    found = cost_change(pairing, prices[0] if prices else PRICES, prices[-1] if prices else PRICES)
    assert found is not None
    return found


def one(model: str, *usage: int, **more: Any) -> dict[str, Any]:
    return {"usage": {model: Usage(*usage)}, **more}


def moved(change: CostChange) -> dict[str, Fraction]:
    return {name: usd for name, usd in change.parts.items() if usd}


@settings(max_examples=60)
@given(sides(), sides())
def test_the_parts_sum_to_the_change_of_what_the_gate_calls_the_cost(
    before: list[CaseRecord], now: list[CaseRecord]
) -> None:
    found = cost_change(paired(before, now), PRICES, PRICES)
    assert found is not None
    assert sum(found.parts.values()) == found.now - found.before
    for side, usd in ((before, found.before), (now, found.now)):
        assert float(usd) == pytest.approx(float(sum(r.usd_per_trial(PRICES) for r in side)) / 3, rel=1e-9)


def test_longer_answers_are_tokens() -> None:
    found = changed(one("cheap", 500, 0, 0, 8), one("cheap", 500, 0, 0, 20))
    assert moved(found) == {"tokens": Fraction(120, 10**6)}
    assert found.increase == pytest.approx(120 / 580)


def test_another_model_is_mix_even_where_it_takes_other_tokens() -> None:
    found = changed(one("cheap", 500, 0, 0, 8), one("dear", 450, 0, 0, 30))
    assert moved(found) == {"mix": found.now - found.before}


def test_a_second_call_of_the_same_kind_is_calls() -> None:
    once, twice = one("cheap", 500, 0, 0, 8), one("cheap", 1000, 0, 0, 16, calls={"cheap": 2})
    assert moved(changed(once, twice)) == {"calls": Fraction(580, 10**6)}


def test_trials_are_no_calls_a_case_costs_what_one_of_them_does() -> None:
    once, thrice = one("cheap", 500, 0, 0, 8), one("cheap", 1500, 0, 0, 24)
    before, now = record("late", **once), record("late", 1.0, 1.0, 1.0, **thrice)
    found = cost_change(paired([before], [now]), PRICES, PRICES)
    assert found is not None
    assert (moved(found), found.now) == ({}, Fraction(580, 10**6))


def test_input_that_the_provider_no_longer_reads_from_its_cache_stands_apart_from_tokens() -> None:
    found = changed(one("cheap", 500, 400, 0, 8), one("cheap", 500, 0, 0, 8))
    assert moved(found) == {"prompt_cache": Fraction(360, 10**6)}


def test_a_price_that_rose_is_price_and_a_longer_prompt_in_a_dearer_tier_too() -> None:
    dearer = {"cheap": Price(input=Decimal(2), output=Decimal(10))}
    asked = one("cheap", 500, 0, 0, 8)
    assert moved(changed(asked, asked, PRICES, dearer)) == {"price": Fraction(500, 10**6)}
    assert moved(changed(one("long", 400), one("long", 401))).keys() == {"tokens", "price"}


def test_compute_time_is_time() -> None:
    found = changed(one("timed", 500, seconds=1.0), one("timed", 500, seconds=2.5))
    assert moved(found) == {"time": Fraction(3, 2) * Fraction(4, 100) / 3600}


def test_where_time_is_paid_for_instead_of_tokens_that_is_price() -> None:
    asked = one("cheap", 500, seconds=1.0)
    assert moved(changed(asked, asked, PRICES, {"cheap": TIMED})).keys() == {"price"}


def test_seconds_that_nobody_pays_for_change_nothing() -> None:
    assert moved(changed(one("cheap", 500, seconds=1.0), one("cheap", 500, seconds=9.0))) == {}


def test_from_nothing_there_is_a_cost_and_no_increase() -> None:
    found = changed({"usage": {}}, one("cheap", 500))
    assert (moved(found), found.increase) == ({"calls": Fraction(500, 10**6)}, None)


def test_without_a_price_or_a_pair_nothing_is_said() -> None:
    some = paired(records(3), records(3))
    assert cost_change(some, {}, {}) is None
    assert cost_change(paired([], []), PRICES, PRICES) is None
