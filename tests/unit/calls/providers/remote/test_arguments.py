"""What litellm is given for a request, and what it is never given."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmcost.calls.providers.remote.arguments import arguments_of, check_askable
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Endpoint, Request

USER = {"role": "user", "content": [{"type": "text", "text": "hello"}]}


def request(endpoint: Endpoint | None = None, **changes: Any) -> Request:
    return Request(endpoint or Endpoint("openai/a"), (USER,), **{"params": {"max_tokens": 1}, **changes})


def test_litellm_is_told_not_to_retry() -> None:
    assert arguments_of(request())["max_retries"] == 0


def test_litellm_works_on_a_copy() -> None:
    arguments_of(request())["messages"][0]["content"][0]["text"] = "spoilt"

    assert USER["content"] == [{"type": "text", "text": "hello"}]


@pytest.mark.parametrize(("left", "given"), [(0.01, 1.0), (1.0, 1.0), (59.9, 64.0), (60.0, 64.0), (100.0, 128.0)])
def test_time_limits_are_few_since_litellm_opens_a_client_for_each(left: float, given: float) -> None:
    assert arguments_of(request(timeout_seconds=left))["timeout"] == given


@pytest.mark.parametrize(
    "name", ["num_retries", "api_key", "api_base", "extra_headers", "mock_response", "stream", "n"]
)
@pytest.mark.parametrize("place", ["params", "extra"])
def test_s09_what_would_change_where_or_how_often_is_sent_is_refused_by_name(name: str, place: str) -> None:
    asked = request(params={name: 1}) if place == "params" else request(Endpoint("openai/a", extra={name: 1}))

    with pytest.raises(CallError, match=rf"bad request: {name} cannot be passed on") as caught:
        check_askable(asked)

    assert not caught.value.is_retryable


def test_a_missing_key_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OURS", raising=False)

    with pytest.raises(CallError, match="OURS is not set") as caught:
        check_askable(request(Endpoint("openai/a", api_key_env="OURS")))

    assert caught.value.kind == "no key"


def test_plain_text_has_no_room_for_images() -> None:
    with pytest.raises(CallError, match="plain text alone"):
        check_askable(request(style="text"))


def test_t04_a_model_whose_name_is_an_address_is_not_asked() -> None:
    """litellm posts to the address, with the key of the provider before it."""
    with pytest.raises(CallError, match="a model's name is no address") as raised:
        check_askable(request(Endpoint("huggingface/https://attacker.example/v1")))

    assert not raised.value.is_retryable
