"""Scored by somebody's function; which modules may be named is the configuration's to say."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pytest_llmcost.domain.errors import ScorerError
from pytest_llmcost.domain.protocols import Scorer
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer

Function = Callable[..., float | bool]
"""Called with the parsed answer and the case, a read-only mapping."""


def python(value: str) -> Scorer:
    """Return a scorer that calls `module:function`; it is imported when the first answer is scored."""
    loaded: list[Function] = []

    def score(answer: Answer, case: Case) -> float:
        if not loaded:
            loaded.append(load_function(value))
        return checked(value, loaded[0](answer.value, case_mapping(case)))

    return score


def case_mapping(case: Case) -> Mapping[str, Any]:
    """Return a case as a function sees it: its fields, `id`, `expected` (one, or a list), `tags` and `meta`."""
    expected = case.expected[0] if len(case.expected) == 1 else list(case.expected)
    own = {"id": case.id, "expected": expected, "tags": list(case.tags), "meta": dict(case.meta)}
    return MappingProxyType({**case.fields, **own})


def checked(name: str, score: Any) -> float:
    """Return a function's score as a number.

    Raises:
        ScorerError: If it is none in 0..1.
    """
    if not isinstance(score, bool | int | float) or not 0 <= score <= 1:
        raise ScorerError(f"{name} gave {score!r}: True, False or a number in 0..1 is needed", scorer=name)
    return float(score)


def load_function(value: str) -> Callable[..., Any]:
    """Return the function that `module:function` names.

    Raises:
        ScorerError: If there is none, or its module cannot be imported.
    """
    module, _, name = value.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ScorerError(f"{value} cannot be loaded: {error}", scorer="python") from error
    if not callable(function):
        raise ScorerError(f"{value} is no function", scorer="python")
    return function  # type: ignore[no-any-return]
