"""No secret that can be known stays in a text."""

from __future__ import annotations

import pytest

from pytest_llmcost.calls.providers.chat.keys import key_variable, without_keys
from pytest_llmcost.domain.request import Endpoint


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "HF_TOKEN", "aws_secret_access_key", "DB_PASSWORD"])
def test_t05_what_the_environment_calls_a_secret_is_hidden(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "canary/71+c")

    hidden = without_keys("url?key=canary%2F71%2Bc and canary/71+c", Endpoint("openai/a"))

    assert hidden == "url?key=[hidden] and [hidden]"


def test_t05_the_endpoints_own_key_headers_and_extras_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "canary-1")
    endpoint = Endpoint(
        "openai/a",
        api_key_env="OURS",
        headers={"Authorization": "Bearer canary-2"},
        extra={"aws_secret_access_key": "canary-3", "api_version": "2024-06-01"},
    )

    text = "canary-1 canary-2 canary-3 2024-06-01"

    assert without_keys(text, endpoint) == "[hidden] [hidden] [hidden] 2024-06-01"


def test_a_secret_that_is_part_of_another_does_not_uncover_its_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "canary")
    monkeypatch.setenv("B_KEY", "canary-and-more")

    assert without_keys("canary-and-more", Endpoint("openai/a")) == "[hidden]"


@pytest.mark.parametrize(
    ("endpoint", "variable"),
    [
        (Endpoint("openai/gpt-4o"), "OPENAI_API_KEY"),
        (Endpoint("openai/gpt-4o", api_key_env="OURS"), "OURS"),
        (Endpoint("together_ai/a/b"), "TOGETHERAI_API_KEY"),
        (Endpoint("gpt-4o"), "the provider's key variable"),
    ],
)
def test_the_variable_that_holds_a_key_is_known_by_name(endpoint: Endpoint, variable: str) -> None:
    assert key_variable(endpoint) == variable
