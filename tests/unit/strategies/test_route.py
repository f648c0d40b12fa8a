"""A route answers as the strategy that it picks, and picks by what is there."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
import types
from typing import Any

import pytest
from fakes.strategies import CASE, Scripted, said

from pytest_llmcost.domain.errors import NoStrategy
from pytest_llmcost.domain.plan import Branch, Route, RouteKey
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.scoring.apart import Apart
from pytest_llmcost.strategies.route import Routing

NAMES = ("complex", "medium", "simple", "spam", "true", "3")


def routed(by: RouteKey, *, otherwise: bool = True, **case: Any) -> Answer:
    """What a route says whose branches answer with their own names."""
    to = {name: Branch("mid", Scripted(said(name))) for name in NAMES}
    plan = Route(by, to, Branch("mid", Scripted(said("otherwise"))) if otherwise else None)
    return asyncio.run(Routing(plan, Apart()).answer(dataclasses.replace(CASE, **case), 1))


@pytest.mark.parametrize(
    ("name", "case", "picked"),
    [
        ("kind", {"fields": {"kind": "spam"}}, "spam"),
        ("kind", {"fields": {}, "meta": {"kind": "spam"}}, "spam"),
        ("kind", {"fields": {"kind": True}}, "true"),
        ("kind", {"fields": {"kind": 3}}, "3"),
        ("kind", {"fields": {"kind": None}}, "otherwise"),
        ("kind", {"fields": {"kind": "ham"}}, "otherwise"),
        ("tags", {"tags": ("ham", "spam")}, "spam"),
        ("group", {"group": "spam"}, "spam"),
        ("complexity", {"fields": {"complexity": "high"}}, "complex"),
        ("complexity", {"fields": {"complexity": "medium"}}, "medium"),
        ("complexity", {"fields": {"text": "What is the capital of France?"}}, "simple"),
    ],
)
def test_it_picks_by_a_field_of_the_case_its_meta_its_tags_or_its_group(name: str, case: Any, picked: str) -> None:
    answer = routed(RouteKey("field", name), **case)

    assert answer.value == picked
    assert [step.name for step in answer.steps] == [f"{picked} > mid"]


def test_an_estimate_does_not_look_at_what_the_case_says_of_itself() -> None:
    fields = {"text": "What is the capital of France?", "complexity": "complex"}

    assert routed(RouteKey("estimate", "complexity"), fields=fields).value == "simple"


def test_a_request_without_a_strategy_is_an_error_that_says_so() -> None:
    with pytest.raises(NoStrategy, match="no strategy for this request: kind is ham"):
        routed(RouteKey("field", "kind"), otherwise=False, fields={"kind": "ham"})


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A module of the user's, `kinds`."""
    made = types.ModuleType("kinds")
    monkeypatch.setitem(sys.modules, "kinds", made)
    return made


def test_a_function_picks_by_what_is_known_before_the_answer(module: types.ModuleType) -> None:
    module.kind = lambda case: "spam" if "expected" not in case and case["text"] else None  # type: ignore[attr-defined]

    assert routed(RouteKey("python", "kinds:kind")).value == "spam"


def test_a_function_that_fails_leaves_the_case_to_the_others_way_and_is_named(module: types.ModuleType) -> None:
    module.kind = lambda case: case["nothing"]  # type: ignore[attr-defined]

    answer = routed(RouteKey("python", "kinds:kind"))

    assert (answer.value, answer.flags) == ("otherwise", ("routed otherwise: kinds:kind raised KeyError",))
