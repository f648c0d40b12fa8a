"""Which price is taken for a model, and what is said when there is none."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pytest_llmcost.costs.price_map import PriceMap
from pytest_llmcost.costs.prices import ASSUMED_LOCAL, PriceTable
from pytest_llmcost.domain.errors import PriceError, SettingsError
from pytest_llmcost.domain.price import cost_of
from pytest_llmcost.domain.usage import Usage


def listed(**entries: dict[str, Any]) -> Callable[[], PriceMap]:
    """A price map of the given entries, by model."""
    return lambda: PriceMap(entries, sha256="0" * 64, date="litellm 1.0")


def per_token(input_usd: str, output_usd: str, **more: Any) -> dict[str, Any]:
    rates = {"input_cost_per_token": Decimal(input_usd), "output_cost_per_token": Decimal(output_usd)}
    return {"litellm_provider": "openai", **rates, **more}


@pytest.mark.parametrize(
    ("model", "input_usd", "output_usd", "cached_usd", "cache_write_usd"),
    [
        ("openai/gpt-4o", "2.50", "10.00", "1.25", None),
        ("openai/gpt-4o-mini", "0.15", "0.60", "0.075", None),
        ("anthropic/claude-sonnet-4-5", "3", "15", "0.30", "3.75"),  # a tenth to read, a quarter more to write
    ],
)
def test_b07_rates_are_those_that_the_providers_publish(
    model: str, input_usd: str, output_usd: str, cached_usd: str, cache_write_usd: str | None
) -> None:
    price = PriceTable({}).price_of(model)

    assert (price.input, price.output, price.cached_input) == tuple(map(Decimal, (input_usd, output_usd, cached_usd)))
    assert price.cache_write == (None if cache_write_usd is None else Decimal(cache_write_usd))


def test_b07_a_published_bill_comes_out_to_the_last_digit() -> None:
    """OpenAI's example of prompt caching: 2,006 tokens in, 1,920 of them cached, 300 out."""
    usage = Usage(input_tokens=2006, cached_input_tokens=1920, output_tokens=300)

    usd = cost_of(usage, PriceTable({}).price_of("openai/gpt-4o"))

    assert usd == Decimal("0.005615")  # 86 x 2.50 + 1920 x 1.25 + 300 x 10.00, per million


def test_b07_above_its_context_tier_the_whole_request_is_dearer() -> None:
    gemini = PriceTable({}).price_of("gemini/gemini-2.5-pro")

    assert cost_of(Usage(input_tokens=200_000, output_tokens=1000), gemini) == Decimal("0.26")
    assert cost_of(Usage(input_tokens=200_001, output_tokens=1000), gemini) == Decimal("0.5150025")


def test_the_users_price_wins_over_the_map() -> None:
    table = PriceTable({"openai/gpt-4o": {"input": 30.0, "output": "60"}}, listed(**{"gpt-4o": per_token("1", "1")}))

    price = table.price_of("openai/gpt-4o")

    assert (price.input, price.output, price.source) == (Decimal(30), Decimal(60), "configuration")


@pytest.mark.parametrize("model", ["openai/gpt-4o", "gpt-4o", "OpenAI/GPT-4o"])
def test_a_model_is_found_in_any_case_and_with_or_without_its_provider(model: str) -> None:
    table = PriceTable({}, listed(**{"gpt-4o": per_token("0.0000025", "0.00001")}))

    assert table.price_of(model).input == Decimal("2.5")


@pytest.mark.parametrize("provider", ["vertex_ai-language-models", "vertex_ai_beta", "vertex_ai", "x-vertex_ai"])
def test_the_maps_own_variants_of_a_provider_count_as_it(provider: str) -> None:
    table = PriceTable({}, listed(gemini=per_token("1e-6", "1e-6", litellm_provider=provider)))

    assert table.price_of("vertex_ai/gemini").input == 1


def test_what_a_model_is_for_is_known_by_either_name_and_unknown_is_said_as_nothing() -> None:
    table = PriceTable({}, listed(codex=per_token("1e-6", "1e-6", mode="responses")))

    assert [table.mode_of(model) for model in ("codex", "openai/codex", "azure/codex", "ours")] == [
        "responses",
        "responses",
        "",
        "",
    ]


def test_another_providers_price_is_no_price() -> None:
    table = PriceTable({}, listed(**{"gpt-4o": per_token("0.0000025", "0.00001")}))

    with pytest.raises(PriceError):
        table.price_of("azure/gpt-4o")


def test_b03_an_unknown_price_is_an_error_with_the_lines_that_mend_it() -> None:
    with pytest.raises(PriceError) as caught:
        PriceTable({}, listed(other=per_token("1", "1"))).price_of("openai/new-model")

    assert caught.value.model == "openai/new-model"
    assert str(caught.value).splitlines()[1:] == [
        '[tool.llmcost.prices."openai/new-model"]',
        "input = ...",
        "output = ...  # USD per million tokens",
    ]


def test_what_is_not_there_is_told_in_the_same_words_each_time() -> None:
    table = PriceTable({}, listed(other=per_token("1", "1")))
    said = []
    for _ in range(2):
        with pytest.raises(PriceError) as caught:
            table.price_of("openai/new-model")
        said.append((str(caught.value), caught.value.model, caught.value.date))

    assert said[0] == said[1]


def test_a_misspelt_model_is_recognised() -> None:
    table = PriceTable({}, listed(**{"gpt-4o-mini": per_token("1", "1")}))

    with pytest.raises(PriceError, match=r"Did you mean openai/gpt-4o-mini\?"):
        table.price_of("openai/gpt-4o-mni")


def test_the_map_is_not_read_while_no_price_of_it_is_needed() -> None:
    def fail() -> PriceMap:
        raise AssertionError("the map was read")

    table = PriceTable({"openai/a": {"input": 1, "output": 2}}, fail)

    assert table.price_of("openai/a").input == 1
    assert table.price_of("local/smollm2-135m") == ASSUMED_LOCAL
    assert (table.digest, table.date) == ("", "")


def test_a_run_can_name_the_edition_of_the_map_that_it_used() -> None:
    table = PriceTable({}, listed(a=per_token("1e-6", "1e-6")))
    table.price_of("a")

    assert (table.digest, table.date) == ("0" * 64, "litellm 1.0")


def test_a_local_model_is_not_free_its_time_has_an_assumed_price_that_can_be_stated() -> None:
    usage = Usage(input_tokens=100, output_tokens=1)

    assert cost_of(usage, PriceTable({}).price_of("local/a"), seconds=90) == Decimal("0.001")
    assert PriceTable({"local/a": {"usd_per_hour": 4}}).price_of("local/a").usd_per_hour == 4


def test_b03_a_price_in_the_wrong_unit_is_doubted_aloud_and_once() -> None:
    heard: list[str] = []
    table = PriceTable({"openai/a": {"input": 2500, "output": 0.00001}}, warn=heard.append)

    for _ in range(2):
        table.price_of("openai/a")

    assert [text.split(" costs ")[1][:5] for text in heard] == ["2500 ", "0.000"]
    assert "is the unit right?" in heard[0]


@pytest.mark.parametrize("bad", [Decimal(-1), float("nan"), float("inf"), "free", True])
def test_b03_an_impossible_rate_in_the_map_is_refused(bad: Any) -> None:
    table = PriceTable({}, listed(a=per_token("1", "1", cache_read_input_token_cost=bad)))

    with pytest.raises(PriceError, match="cache_read_input_token_cost"):
        table.price_of("a")


@pytest.mark.parametrize("bad", [-1, float("nan"), float("inf"), "-Infinity", "cheap", True, None, [1]])
def test_b03_an_impossible_price_in_the_configuration_is_refused_by_its_key(bad: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        PriceTable({"openai/a": {"input": bad, "output": 1}})

    assert caught.value.key == 'prices."openai/a".input'


@pytest.mark.parametrize(
    ("entry", "least"),
    [
        ({"prompt_cache_min_tokens": 4096, "litellm_provider": "anthropic"}, 4096),
        ({"supports_prompt_caching": True}, 1024),
        ({"supports_prompt_caching": True, "litellm_provider": "deepseek"}, None),
        ({}, None),
    ],
    ids=["stated", "OpenAI's", "not stated", "none kept"],
)
def test_the_shortest_prefix_that_is_kept_is_the_maps_or_openais(entry: dict[str, Any], least: int | None) -> None:
    prices = PriceTable({}, listed(small=per_token("1e-6", "2e-6", **entry)))
    assert prices.least_prefix_tokens("small") == least


def test_the_installed_map_says_of_anthropics_models_what_they_keep() -> None:
    least = {name: PriceTable({}).least_prefix_tokens(f"anthropic/{name}") for name in LEAST}
    assert least == LEAST


LEAST = {"claude-sonnet-4-5": 1024, "claude-opus-4-1": None, "claude-haiku-4-5": 4096, "claude-opus-4-6": 4096}
"""By Anthropic's page on prompt caching; of a model that the map has dropped nothing is known."""


@pytest.mark.parametrize(
    ("entry", "window"),
    [
        ({"max_input_tokens": 128_000}, 128_000),
        ({"max_input_tokens": 200_000, "input_cost_per_token_above_200k_tokens": "6e-6"}, None),
        ({"max_input_tokens": 1_000_000, "input_cost_per_token_above_200k_tokens": "6e-6"}, 1_000_000),
        ({"max_input_tokens": "many"}, None),
        ({}, None),
    ],
    ids=["stated", "more can be sent", "dearer within", "no number", "not stated"],
)
def test_a_window_is_known_where_the_map_states_it_and_has_no_rate_for_more(
    entry: dict[str, Any], window: int | None
) -> None:
    assert PriceTable({}, listed(small=per_token("1e-6", "2e-6", **entry))).window_of("small") == window


def test_where_the_map_cannot_be_read_no_window_and_no_prefix_is_known() -> None:
    def unreadable() -> PriceMap:
        raise PriceError("litellm's price map cannot be read", model="")

    prices = PriceTable({}, unreadable)
    assert (prices.window_of("small"), prices.least_prefix_tokens("small")) == (None, None)
