"""What makes two requests the same, and what is only said about them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from fakes.complete import request

from pytest_llmcost.domain.request import Endpoint


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": Endpoint("stub/other")},
        {"endpoint": Endpoint("stub/small", api_base="http://127.0.0.1:1/v1")},
        {"endpoint": Endpoint("stub/small", headers={"x-route": "b"})},
        {"endpoint": Endpoint("stub/small", extra={"api_version": "2"})},
        {"messages": ({"role": "user", "content": "Is this ham?"},)},
        {"messages": ({"role": "system", "content": "Is this spam?"},)},
        {"params": {"max_tokens": 8, "temperature": 1}},
        {"params": {"max_tokens": 9, "temperature": 0}},
        {"style": "text"},
        {"trial": 2},
    ],
    ids=str,
)
def test_f13_whatever_can_change_the_answer_changes_the_key(change: dict[str, Any]) -> None:
    assert request(**change).key() != request().key()


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": Endpoint("stub/small", api_key_env="OTHER_KEY")},
        {"endpoint": Endpoint("stub/small", name="ours")},
        {"params": {"temperature": 0, "max_tokens": 8}},
        {"prefix_messages": 1},
        {"prefix_messages": 1, "prefix_cache": "implicit"},
        {"about": "bench_mail.yaml::cheap::late#1"},
        {"budgets": ("bench_mail.yaml",)},
        {"timeout_seconds": 1.0},
    ],
    ids=str,
)
def test_what_cannot_change_the_answer_leaves_the_key(change: dict[str, Any]) -> None:
    assert request(**change).key() == request().key()


def test_a_marked_prefix_has_a_usage_of_its_own_and_so_a_key_of_its_own() -> None:
    marks = [{}, {"prefix_messages": 1}, {"prefix_messages": 3}]
    keys = [request(**mark, prefix_cache="marked" if mark else "").key() for mark in marks]
    assert len(set(keys)) == 3


def test_a_changed_copy_has_a_key_of_its_own() -> None:
    first = request()
    key = first.key()
    assert dataclasses.replace(first, trial=2).key() not in ("", key)
    assert first.key() == key


def test_a_model_is_known_by_its_configured_name_and_else_by_its_own() -> None:
    assert Endpoint("openai/llama", name="ours").label == "ours"
    assert Endpoint("openai/llama").label == "openai/llama"
    assert Endpoint("openai/llama", name="ours").provider == "openai"
