"""From the name in a suite to the model that is asked, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from pytest_llmcost.assembly.models import Models, price_fields
from pytest_llmcost.assembly.settings import ModelSettings, Settings
from pytest_llmcost.calls.flow.limits import FlowLimits
from pytest_llmcost.costs.price_map import PriceMap
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.errors import PriceError, SettingsError
from pytest_llmcost.domain.price import Price

LISTED = PriceMap(
    {
        "gpt-4o-mini": {
            "litellm_provider": "openai",
            "input_cost_per_token": Decimal("1.5e-7"),
            "output_cost_per_token": Decimal("6e-7"),
        }
    }
)


def models(
    tiers: Mapping[str, str] | None = None,
    configured: Mapping[str, ModelSettings] | None = None,
    prices: Mapping[str, Mapping[str, object]] | None = None,
    **environment: str,
) -> Models:
    settings = Settings(Path(), tiers=tiers or {}, models=configured or {}, prices=prices or {})
    return Models(settings, PriceTable(settings.prices, lambda: LISTED), environment)


OURS = ModelSettings("openai/gpt-4o-mini", "http://127.0.0.1:1/v1", "OUR_KEY", {"x": "y"}, {"temperature": 0}, {"v": 1})


def test_a_litellm_name_stands_for_itself() -> None:
    model = models().find("openai/gpt-4o-mini")

    assert (model.endpoint.model, model.endpoint.api_base, model.endpoint.label) == (
        "openai/gpt-4o-mini",
        None,
        "openai/gpt-4o-mini",
    )
    assert (model.price.input, model.params) == (Decimal("0.15"), {})


def test_a_tier_stands_for_its_model_and_may_stand_for_another_tier() -> None:
    found = models({"cheap": "mid", "mid": "openai/gpt-4o-mini"}).find("cheap")

    assert found.endpoint.label == "openai/gpt-4o-mini"


def test_a_configured_model_brings_its_address_key_headers_and_params() -> None:
    found = models({"cheap": "ours"}, {"ours": OURS}).find("cheap")

    endpoint = found.endpoint
    assert (endpoint.model, endpoint.name, endpoint.label) == ("openai/gpt-4o-mini", "ours", "ours")
    assert (endpoint.api_base, endpoint.api_key_env) == ("http://127.0.0.1:1/v1", "OUR_KEY")
    assert (endpoint.headers, endpoint.extra, found.params) == ({"x": "y"}, {"v": 1}, {"temperature": 0})


def test_a_configured_models_price_is_looked_up_by_its_name_and_then_by_its_model() -> None:
    own = models(configured={"ours": OURS}, prices={"ours": {"input": 7, "output": 8}})

    assert own.price_of("ours").input == 7
    assert own.price_of("openai/gpt-4o-mini").input == Decimal("0.15")
    assert models(configured={"ours": OURS}).price_of("ours").input == Decimal("0.15")


@pytest.mark.parametrize("tiers", [{"a": "a"}, {"a": "b", "b": "a"}, {"x": "a", "a": "b", "b": "c", "c": "a"}])
def test_tiers_that_name_each_other_in_a_circle_are_refused_at_once_with_their_path(tiers: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"\[tool.llmcost.tiers\] go in a circle: ") as raised:
        models(tiers)
    assert (raised.value.key, " -> " in str(raised.value)) == ("tiers", True)


@pytest.mark.parametrize(
    ("environment", "api_base"),
    [
        ({}, None),
        ({"OPENAI_BASE_URL": "http://one/v1"}, "http://one/v1"),
        ({"OPENAI_API_BASE": "http://two/v1"}, "http://two/v1"),
        ({"OPENAI_BASE_URL": "http://one/v1", "OPENAI_API_BASE": "http://two/v1"}, "http://one/v1"),
        ({"OPENAI_BASE_URL": ""}, None),
        ({"ANTHROPIC_BASE_URL": "http://other"}, None),
    ],
)
def test_a_providers_usual_variable_moves_its_address(environment: dict[str, str], api_base: str | None) -> None:
    assert models(**environment).find("openai/gpt-4o-mini").endpoint.api_base == api_base


def test_a_configured_address_wins_over_the_variable() -> None:
    without = ModelSettings("openai/gpt-4o-mini")

    found = models(configured={"ours": OURS, "bare": without}, OPENAI_BASE_URL="http://one/v1")

    assert found.find("ours").endpoint.api_base == "http://127.0.0.1:1/v1"
    assert found.find("bare").endpoint.api_base == "http://one/v1"


def test_a_model_without_a_price_is_an_error_and_never_free() -> None:
    with pytest.raises(PriceError) as raised:
        models({"cheap": "acme/unheard-of"}).find("cheap")
    assert raised.value.model == "acme/unheard-of"


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        ("cheap", True),
        ("ours", True),
        ("acme/anything", True),
        ("gpt-4o-mini", True),
        ("chaep", False),
        ("", False),
        (3, False),
    ],
)
def test_a_suite_may_name_tiers_configured_models_and_litellms(name: object, is_known: bool) -> None:
    assert (name in models({"cheap": "ours"}, {"ours": OURS})) is is_known


def test_the_names_that_can_be_suggested_are_tiers_and_configured_models() -> None:
    known = models({"cheap": "ours"}, {"ours": OURS})

    assert (list(known), len(known)) == (["cheap", "ours"], 2)


def test_a_price_is_kept_in_files_as_numbers_and_without_what_says_nothing() -> None:
    price = Price(
        input=Decimal("0.15"),
        output=Decimal(2),
        cached_input=Decimal(0),
        above=((200_000, Price(input=Decimal("0.3"), output=Decimal(4))),),
        source="litellm 1.0",
    )

    assert price_fields(price) == {
        "input": 0.15,
        "output": 2,
        "cached_input": 0,  # free, which is not the same as charged like the input
        "above": {"200000": {"input": 0.3, "output": 4}},
    }
    assert price_fields(Price()) == {}


def test_a_providers_limits_hold_for_its_models_but_not_for_a_server_of_ones_own() -> None:
    own = ModelSettings("openai/llama", "http://127.0.0.1:1/v1")
    known = models(
        configured={"ours": own, "theirs": ModelSettings("openai/gpt-4o-mini")},
        prices={"ours": {"input": 1, "output": 1}},
        OPENAI_BASE_URL="http://gateway/v1",
    )
    names = ("ours", "theirs", "openai/gpt-4o-mini", "gpt-4o-mini")
    assert [known.provider_of(known.find(name).endpoint) for name in names] == ["", "openai", "openai", "openai"]


def test_a_limit_of_a_tier_is_refused_with_what_to_name() -> None:
    settings = Settings(Path(), tiers={"mid": "openai/gpt-4o-mini"}, limits={"mid": FlowLimits(8)})
    with pytest.raises(SettingsError, match=r"'mid' is a tier\. Name its model, 'openai/gpt-4o-mini', or the provider"):
        Models(settings, PriceTable({}, lambda: LISTED), {})
