"""Whatever a server says is an answer or a named failure: no reply, however it is bent, ends a run."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any

import pytest
from fakes.streams import chunks_of, events_of
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.calls.providers.chat.choices import Unreadable
from pytest_llmcost.calls.providers.chat.keys import ANTHROPIC, OPENAI
from pytest_llmcost.calls.providers.chat.replies import completion_of
from pytest_llmcost.calls.providers.chat.wire import Wire
from pytest_llmcost.calls.providers.direct.dialect import DIALECTS
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Endpoint, Request

REQUEST = Request(Endpoint("openai/gpt-4o"), ({"role": "user", "content": "hello"},), {"max_tokens": 8})
WIRE = Wire(status=200)
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

ANTHROPICS = {
    "model": "claude-sonnet-4-5",
    "content": [
        {"type": "thinking", "thinking": "well", "signature": "s"},
        {"type": "text", "text": "yes"},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"id": 7}},
    ],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 9,
        "cache_read_input_tokens": 2,
        "cache_creation_input_tokens": 2,
        "cache_creation": {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 1},
        "output_tokens": 2,
        "output_tokens_details": {"thinking_tokens": 1},
        "service_tier": "standard",
    },
}
STREAMS = {OPENAI: list(chunks_of(REPLY)), ANTHROPIC: list(events_of(ANTHROPICS))}


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

    assert_read_or_refused(bent(reply, place, value))


@given(values)
def test_any_json_at_all_is_read_or_refused(reply: Any) -> None:
    assert_read_or_refused(reply)


@given(st.sampled_from(places(ANTHROPICS)), values)
def test_a_message_with_anything_in_any_place_is_read_or_refused(place: tuple[Any, ...], value: Any) -> None:
    assert_message_read_or_refused(bent(ANTHROPICS, place, value))


@given(values)
def test_any_json_at_all_is_a_message_or_refused(message: Any) -> None:
    assert_message_read_or_refused(message)


@pytest.mark.parametrize("name", STREAMS)
@given(st.data(), values)
def test_a_stream_with_anything_in_any_place_is_joined_or_refused(name: str, data: st.DataObject, value: Any) -> None:
    place = data.draw(st.sampled_from(places(STREAMS[name])))

    assert_joined_or_refused(name, bent(STREAMS[name], place, value))


@pytest.mark.parametrize("name", STREAMS)
@given(st.lists(values))
def test_any_events_at_all_are_joined_or_refused(name: str, events: list[Any]) -> None:
    assert_joined_or_refused(name, events)


@pytest.mark.parametrize("name", STREAMS)
@given(st.data())
def test_events_in_any_order_are_joined_or_refused(name: str, data: st.DataObject) -> None:
    assert_joined_or_refused(name, data.draw(st.lists(st.sampled_from(STREAMS[name]))))


def bent(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Return *document* with *value* at a place, as it comes out of JSON."""
    holder = document = copy.deepcopy(document)
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return json.loads(json.dumps(document))


def assert_message_read_or_refused(message: Any) -> None:
    with suppress(Unreadable):
        assert_read_or_refused(DIALECTS[ANTHROPIC].read(message))


def assert_joined_or_refused(name: str, events: list[Any]) -> None:
    joining = DIALECTS[name].join()
    with suppress(Unreadable):
        for event in events:
            joining.add(json.dumps(event))
        if name == OPENAI:
            joining.add("[DONE]")
        if joining.is_whole:
            assert_read_or_refused(joining.reply())


def assert_read_or_refused(reply: Any) -> None:
    """What is read can be stored and is not free; what is refused is a `CallError`, and nothing else comes through."""
    with suppress(CallError):
        completion = completion_of(reply, REQUEST, WIRE)
        assert completion.usage.input_tokens > 0
        completion.text.encode()


def test_the_reply_as_it_stands_is_an_answer() -> None:
    """Else what is bent above would prove little."""
    assert completion_of(REPLY, REQUEST, WIRE).text == "yes"
    for name, events in STREAMS.items():
        joining = DIALECTS[name].join()
        for event in events:
            joining.add(json.dumps(event))
        assert completion_of(joining.reply(), REQUEST, WIRE).text == "yes"
    with pytest.raises(CallError):
        completion_of({**REPLY, "choices": []}, REQUEST, WIRE)
