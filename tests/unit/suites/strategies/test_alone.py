"""Code describes a strategy as a suite would: what is wrong with it is told, without a place."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.domain.suite import StrategySpec
from pytest_llmcost.suites.project import Configured, Project
from pytest_llmcost.suites.strategies.alone import read_alone

PROJECT = Project(
    models=("cheap", "mid", "frontier"),
    configured=[Configured("pyproject.toml", strategies={"careful": {"model": "mid", "prompt": "Well: {{ text }}"}})],
)


def read(described: Any, **options: Any) -> StrategySpec:
    return read_alone("it", described, project=PROJECT, **options)


def test_a_name_is_a_strategy_of_the_configuration_a_tier_or_a_model() -> None:
    assert [(read(name).model, read(name).prompt.prompt) for name in ("careful", "cheap", "openai/gpt-4o")] == [
        ("mid", "Well: {{ text }}"),
        ("cheap", None),
        ("openai/gpt-4o", None),
    ]


def test_labels_are_what_answers_are_parsed_as() -> None:
    spec = read({"cascade": [{"use": "cheap", "accept": 0.9}, {"use": "careful"}]}, labels=["spam", "ham"])

    assert {leaf.parse for leaf in spec.leaves()} == {"label"}


@pytest.mark.parametrize(
    ("described", "said"),
    [
        ("cheep", ["unknown strategy or tier 'cheep' (did you mean 'cheap'?)"]),
        ({"cascade": []}, ["cascade has length 0: at least 1 is needed"]),
        ({"cascade": "cheap"}, ["cascade is 'cheap': a list is needed"]),
        ({"use": "cheap", "parse": "label"}, ["parse: label needs the labels. Give them: labels=[one, other]"]),
        (3, ["use is 3: text is needed; put it in quotes"]),
        (
            {"route": {"by": "task", "to": {"a": "cheep", "b": "midd"}}},
            ["unknown strategy or tier 'cheep' (did you mean 'cheap'?)", "unknown strategy or tier 'midd' (did you"],
        ),
    ],
)
def test_mistakes(described: Any, said: list[str]) -> None:
    with pytest.raises(SuiteError) as caught:
        read(described)
    found = [problem.message for problem in caught.value.problems]
    assert [one[: len(start)] for one, start in zip(found, said, strict=True)] == said
