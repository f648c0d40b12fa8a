"""Why spend changed: what alone changed has the whole of it, and the parts always sum to the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmcost.costs.spend_change import spend_change
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.spending import FACTORS, Spend

DAY = date(2026, 5, 4)
PRICES = {
    "small": Price(Decimal(1), Decimal(2), cached_input=Decimal("0.5")),
    "large": Price(Decimal(10), Decimal(20)),
    "box": Price(usd_per_hour=Decimal(3)),
}
SAME = Fraction(1)


def cost(prompt, cached, completion, model, rise=1.0):
    price = PRICES[model]
    kept = price.input if price.cached_input is None else price.cached_input
    return rise * float((prompt - cached) * price.input + cached * kept + completion * price.output) / 1e6


def calls(n=1000, model="small", prompt=500_000, cached=0, completion=200_000, rise=1.0, **more):
    usd = cost(prompt, cached, completion, model, rise)
    return Spend(
        day=DAY, task="mail", model=model, calls=n, prompt_tokens=prompt, cached_tokens=cached,
        completion_tokens=completion, usd=usd,
    ) if not more else replace(calls(n, model, prompt, cached, completion, rise), **more)  # fmt: skip


def changed(before, now, **more):
    return spend_change(before, now, PRICES.get, more.pop("scale", SAME), **more)


def moved(change):
    return {name: float(share) for name, share in change.parts.items() if abs(share) > 1e-9}


@pytest.mark.parametrize(
    ("now", "factor"),
    [
        ([calls(2000, prompt=1_000_000, completion=400_000)], "traffic"),
        ([calls(), calls(100, "large", 50_000, 0, 20_000, is_escalated=True)], "escalation"),
        ([calls(500, prompt=250_000, completion=100_000), calls(500, "large", 250_000, 0, 100_000)], "model mix"),
        ([calls(500, prompt=250_000, completion=100_000), calls(500, usd=0.0, is_cached=True)], "cache hits"),
        ([calls(completion=900_000)], "tokens a call"),
        ([calls(cached=300_000)], "prompt cache"),
        ([calls(rise=1.5)], "prices"),
    ],
)
def test_what_alone_changed_has_the_whole_change(now, factor):
    before = [calls()]
    change = changed(before, now)
    whole = sum(one.usd for one in now) - sum(one.usd for one in before)
    assert moved(change) == {factor: pytest.approx(whole)}
    assert list(change.parts) == list(FACTORS)


def test_compute_time_is_what_a_call_takes_where_it_is_paid_by_the_hour():
    before = [Spend(day=DAY, model="box", calls=10, prompt_tokens=5, usd=1.0, seconds=1200.0)]
    longer = [Spend(day=DAY, model="box", calls=10, prompt_tokens=9, usd=2.0, seconds=2400.0)]
    assert moved(changed(before, longer)) == {"tokens a call": pytest.approx(1.0)}


def test_calls_without_tokens_have_a_price_a_call():
    before = [Spend(day=DAY, model="unheard of", calls=10, usd=1.0)]
    dearer = [Spend(day=DAY, model="unheard of", calls=20, usd=6.0)]
    assert moved(changed(before, dearer)) == {"traffic": pytest.approx(2.0), "prices": pytest.approx(3.0)}


def test_a_new_task_is_traffic_and_one_that_ended_is_too():
    new = replace(calls(), task="chat")
    assert moved(changed([calls()], [calls(), new])) == {"traffic": pytest.approx(new.usd)}
    assert moved(changed([calls(), new], [calls()])) == {"traffic": pytest.approx(-new.usd)}


def test_four_weeks_are_compared_with_one_by_their_mean():
    assert moved(changed([calls()] * 4, [calls()], scale=Fraction(1, 4))) == {}


def test_a_model_has_its_own_part_of_the_mix():
    now = [calls(500, prompt=250_000, completion=100_000), calls(500, "large", 250_000, 0, 100_000)]
    change = changed([calls()], now, model="large")
    assert moved(change) == {"model mix": pytest.approx(now[1].usd)}
    assert change.places == {("mail", "large"): change.now}


counts = st.integers(0, 10**6)
spends = st.lists(
    st.builds(
        lambda task, model, flags, n, tokens, usd: Spend(
            day=DAY, task=task, model=model, is_cached=flags[0], is_escalated=flags[1], calls=n,
            prompt_tokens=tokens[0] + tokens[1], cached_tokens=tokens[1], completion_tokens=tokens[2], usd=usd,
        ),
        st.sampled_from("ab"), st.sampled_from([*PRICES, "unheard of"]), st.tuples(st.booleans(), st.booleans()),
        st.integers(1, 1000), st.tuples(counts, counts, counts), st.floats(0, 1000),
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(spends, spends, st.integers(1, 28))
def test_parts_and_places_sum_to_the_whole_to_the_last_digit(before, now, days):
    change = changed(before, now, scale=Fraction(1, days))
    assert sum(change.parts.values()) == change.now - change.before == sum(change.places.values())
    assert float(change.now) == pytest.approx(sum(one.usd for one in now), abs=1e-9)
    assert float(change.before) == pytest.approx(sum(one.usd for one in before) / days, abs=1e-9)
