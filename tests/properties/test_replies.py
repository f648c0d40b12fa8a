"""Whatever a server says is an answer or a named failure: no reply, however it is bent, ends a run."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.calls.providers.chat.replies import completion_of
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Endpoint, Request

REQUEST = Request(Endpoint("openai/gpt-4o"), ({"role": "user", "content": "hello"},), {"max_tokens": 8})
TOKEN = {"token": "yes", "logprob": -0.1, "top_logprobs": [{"token": "yes", "logprob": -0.1}]}
MESSAGE = {
    "role": "assistant",
    "content": "yes",
    "refusal": None,
    "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}],
    "provider_specific_fields": {"refusal": None},
}
REPLY = {
    "model": "gpt-4o",
    "error": None,
    "choices": [{"finish_reason": "stop", "message": MESSAGE, "logprobs": {"content": [TOKEN]}}],
    "usage": {
        "prompt_tokens": 9,
        "completion_tokens": 2,
        "prompt_tokens_details": {"cached_tokens": 2},
        "completion_tokens_details": {"reasoning_tokens": 1},
    },
}


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in *document*."""
    if isinstance(document, dict | list):
        inner = document.items() if isinstance(document, dict) else enumerate(document)
        return [place for key, value in inner for place in [(*path, key), *places(value, (*path, key))]]
    return []


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text()
    | st.sampled_from(["length", "error"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2)
)


@given(st.sampled_from(["yes", None]), st.sampled_from(places(REPLY)), values)
def test_a_reply_with_anything_in_any_place_is_read_or_refused(
    content: str | None, place: tuple[Any, ...], value: Any
) -> None:
    """Without content the tool calls are the answer."""
    reply: Any = copy.deepcopy(REPLY)
    reply["choices"][0]["message"]["content"] = content
    holder = reply
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value

    assert_read_or_refused(json.loads(json.dumps(reply)))


@given(values)
def test_any_json_at_all_is_read_or_refused(reply: Any) -> None:
    assert_read_or_refused(reply)


def assert_read_or_refused(reply: Any) -> None:
    """What is read can be stored and is not free; what is refused is a `CallError`, and nothing else comes through."""
    with suppress(CallError):
        completion = completion_of(reply, REQUEST, 0.1, 200)
        assert completion.usage.input_tokens > 0
        completion.text.encode()


def test_the_reply_as_it_stands_is_an_answer() -> None:
    """Else what is bent above would prove little."""
    assert completion_of(REPLY, REQUEST, 0.1, 200).text == "yes"
    with pytest.raises(CallError):
        completion_of({**REPLY, "choices": []}, REQUEST, 0.1, 200)
