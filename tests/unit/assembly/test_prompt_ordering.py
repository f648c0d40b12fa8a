"""A prompt is turned round where providers then keep more of it, and left where they would not."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from pytest_llmcost.assembly.prompts.metering import Metered
from pytest_llmcost.assembly.prompts.ordering import reordered
from pytest_llmcost.calls.tokens import counter_of
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.suite import Prompt

PRICE = Price(input=Decimal(3), output=Decimal(15), cached_input=Decimal("0.3"))
METER = Metered("them/new", counter_of("openai/gpt-4o"), PRICE, least_prefix_tokens=1024)


def words(count: int) -> str:
    """So many tokens."""
    return " one" * count


@pytest.mark.parametrize(
    ("first", "last", "is_turned"),
    [(0, 1100, True), (0, 500, False), (1100, 50, False), (1100, 100, True), (990, 40, False), (0, 900, False)],
)
def test_it_is_turned_only_where_that_gives_providers_more_to_keep(first, last, is_turned):
    prompt = Prompt(prompt=f"{words(first)}\n\n{{{{ text }}}}\n\n{words(last)}")
    found = reordered(prompt, (), METER)
    assert (found is not None) == is_turned


def test_what_was_kept_before_is_not_spared_again():
    prompt = Prompt(prompt=f"{words(1100)}\n\n{{{{ text }}}}\n\n{words(1000)}")
    found = reordered(prompt, (), METER)
    assert found is not None
    assert found.usd_per_call(METER) == Decimal("2.7") * (found.after - found.before) / 1_000_000
    short = dataclasses.replace(found, before=1000)
    assert short.usd_per_call(METER) == Decimal("2.7") * found.after / 1_000_000


def test_without_a_price_of_what_is_kept_nothing_is_said_of_dollars():
    found = reordered(Prompt(prompt=f"{{{{ text }}}}\n\n{words(1100)}"), (), METER)
    assert found is not None
    assert found.usd_per_call(dataclasses.replace(METER, price=Price(input=Decimal(3)))) is None
    assert found.usd_per_call(dataclasses.replace(METER, price=None)) is None


def test_of_a_provider_of_which_nobody_says_what_it_keeps_nothing_is_said():
    meter = dataclasses.replace(METER, least_prefix_tokens=None)
    assert reordered(Prompt(prompt=f"{{{{ text }}}}\n\n{words(1100)}"), (), meter) is None


def test_where_whole_messages_are_kept_what_is_the_same_goes_into_the_system_message():
    meter = dataclasses.replace(METER, keeps_whole=True)
    found = reordered(Prompt(prompt=f"{words(1100)}\n\n{{{{ text }}}}"), (), meter)
    assert found is not None
    assert (found.prompt.system, found.prompt.prompt) == (words(1100), "{{ text }}")
    assert (found.before, found.after) == (0, 1100)
    assert found.what == (
        "{{ text }} shares a message with what is the same in each call: with that in the system message 1,100 tokens "
        "begin every call alike, not 0, and are kept, with prefix_cache: auto, from 1,024 up"
    )
    assert reordered(found.prompt, (), meter) is None
