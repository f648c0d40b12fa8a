"""Completions as text and back."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from fakes.complete import completion

from pytest_llmcost.calls.cache.codec import UnreadableRow, decode, encode
from pytest_llmcost.domain.completion import TokenLogprob
from pytest_llmcost.domain.usage import Usage

RICH = completion(
    "ja \ud83d\x00\x1b[31m\n",
    usage=Usage(100, 40, 10, 9, 3, is_estimated=True, cache_write_1h_tokens=4),
    finish_reason="length",
    logprobs=(TokenLogprob(" in", -0.25, ((" in", -0.25), (" out", float("-inf")))), TokenLogprob("\n", 0.0)),
    flags=("length", "usage estimated"),
    attempts=3,
    paid_usd=Decimal("0.01"),
    ttft_seconds=0.125,
    service_tier="flex",
)


def test_nothing_of_an_answer_is_lost():
    assert decode(encode(RICH)) == replace(RICH, cached=True, paid_usd=Decimal(0))


def test_a_row_of_before_first_tokens_were_timed_is_read():
    row = {name: value for name, value in json.loads(encode(RICH)).items() if name not in ("ttft", "tier")}
    assert decode(json.dumps(row)) == replace(
        RICH, cached=True, paid_usd=Decimal(0), ttft_seconds=None, service_tier=""
    )


def test_e11_a_row_is_ascii_whatever_the_model_said():
    assert encode(RICH).isascii()
    assert "\x00" not in encode(RICH)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("v", 2),
        ("text", None),
        ("usage", [1, 2]),
        ("usage", [-5, 0, 0, 0, 0, False]),
        ("usage", [1, 2, 0, 0, 0, False]),
        ("finish", 7),
        ("seconds", float("nan")),
        ("seconds", -1),
        ("created", "yesterday"),
        ("logprobs", [["a", "b"]]),
        ("logprobs", [["a", None, []]]),
        ("flags", [1]),
        ("attempts", 1.5),
        ("ttft", -1),
        ("ttft", None),
        ("tier", 7),
        ("cache_write_1h_tokens", 7),
        ("attempts", True),
    ],
)
def test_t15_impossible_values_are_refused(field, value):
    row = json.loads(encode(completion())) | {field: value}
    with pytest.raises(UnreadableRow):
        decode(json.dumps(row))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", encode(completion())[:-20], "[" * 100_000])
def test_a_torn_row_is_refused(text):
    with pytest.raises(UnreadableRow):
        decode(text)


def test_a_row_of_a_newer_version_is_refused_by_its_number():
    with pytest.raises(UnreadableRow, match="its format is 2, and this version reads 1"):
        decode('{"v":2}')
