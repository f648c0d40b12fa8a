"""The bound of a request's input."""

from __future__ import annotations

from fakes.complete import request

from pytest_llmcost.calls.input_bound import TOKENS_AN_ATTACHMENT, bound_input_tokens


def bound_of(*messages, **params):
    return bound_input_tokens(request(messages=messages, params=params))


def test_a_message_costs_a_token_a_byte_and_sixteen():
    assert bound_of({"role": "user", "content": "abcd"}) == 16 + len("user") + 4


def test_bytes_count_not_characters():
    assert bound_of({"content": "héllo 🙂"}) == 16 + 11


def test_half_a_surrogate_pair_is_no_crash():
    assert bound_of({"content": "\ud83d"}) == 16 + 3


def test_tools_count_with_all_their_names():
    tool = {"type": "function", "function": {"name": "lookup"}}
    assert bound_of(tools=[tool]) == sum(map(len, ["type", "function", "function", "name", "lookup"]))


def test_an_image_counts_whatever_the_length_of_its_address():
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": "http://x/y"}}]
    assert bound_of({"content": parts}) > TOKENS_AN_ATTACHMENT
