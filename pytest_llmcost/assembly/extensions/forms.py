"""The hooks that add things by name: what a name may be, which names are taken, and what form a thing has."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.calls.providers.dispatch import LOCAL
from pytest_llmcost.costs.overrides import price_override
from pytest_llmcost.costs.price_map import read_price_map
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.price import Price
from pytest_llmcost.suites.project import Accepted
from pytest_llmcost.suites.schema.scoring import FORMS, NOT, NOT_YET, WEIGHT


@dataclass(frozen=True, slots=True)
class Form:
    """One hook that returns a mapping.

    Attributes:
        noun: What it adds, in messages.
        name: The pattern of a name.
        taken: Whether a name is one of this package's own.
        check: Returns a thing as it is used; raises `ValueError` with the reason where it cannot be.
    """

    noun: str
    name: re.Pattern[str]
    taken: Callable[[str], bool]
    check: Callable[[str, Any], Any]


def _scorer(name: str, function: Any) -> Callable[..., bool | float]:
    if not callable(function):
        raise ValueError(f"{function!r} is no function")
    if inspect.iscoroutinefunction(function):
        raise ValueError("it is async: a scorer returns its score at once")
    accepted = Accepted.of(function)
    if accepted is None:
        raise ValueError("it cannot be called as function(answer, case, **options)")
    if WEIGHT in accepted.options:
        raise ValueError(f"{WEIGHT!r} can be no option: it is the scorer's share among several")
    return function  # type: ignore[no-any-return]


def _strategy(name: str, function: Any) -> Callable[..., Any]:
    if not callable(function):
        raise ValueError(f"{function!r} is no function")
    if not inspect.iscoroutinefunction(function):
        raise ValueError("it is not async: a strategy waits for the models that it asks")
    if Accepted.of(function) is None:
        raise ValueError("it cannot be called as function(ask, case, **options)")
    return function  # type: ignore[no-any-return]


def _provider(name: str, complete: Any) -> Any:
    if not callable(complete):
        raise ValueError(f"{complete!r} is no function")
    return complete


def _price(name: str, stated: Any) -> Price:
    try:
        return price_override(name, stated)
    except SettingsError as error:
        raise ValueError(str(error).removeprefix("[tool.llmcost] ")) from error


def _is_known_provider(name: str) -> bool:
    """Whether litellm's list, or this package, has models of that prefix: their keys are not to go elsewhere."""
    known = {LOCAL}
    for model, entry in read_price_map().entries.items():
        known |= {model.partition("/")[0], str(entry.get("litellm_provider"))}
    return name in known


BY_NAME: Mapping[str, Form] = {
    "llmcost_scorers": Form(
        "scorer", re.compile(r"[A-Za-z_][\w.-]*"), lambda name: name in {*FORMS, NOT, *NOT_YET}, _scorer
    ),
    "llmcost_providers": Form("provider", re.compile(r"[A-Za-z0-9][\w.-]*"), _is_known_provider, _provider),
    "llmcost_strategies": Form("strategy", re.compile(r"[A-Za-z_][\w.-]*"), lambda name: False, _strategy),
    "llmcost_prices": Form("price of", re.compile(r"\S(.*\S)?"), lambda name: False, _price),
}
