"""The prices that a user states: `[tool.llmcost.prices."provider/model"]`, checked key by key."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pytest_llmcost.costs.rates import rate
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.model_name import TIERS
from pytest_llmcost.domain.price import Price

RATES = ("input", "output", "cached_input", "cache_write", "cache_write_1h", "reasoning", "per_request")
FIELDS = (*RATES, "usd_per_hour", *TIERS)


def price_override(model: str, stated: Mapping[str, Any]) -> Price:
    """Return the price that the configuration states for *model*.

    It replaces the map's price as a whole, so tokens are priced in both directions or in
    none: a rate that is left out would make them free unseen.

    Raises:
        SettingsError: If a key or a number is wrong, or half of the price is missing.
    """
    if not isinstance(stated, Mapping):
        raise _wrong(model, "", f"is {stated!r}: a table is needed. Write input = ... and output = ... below it.")
    rates = {key: value for key, value in stated.items() if key not in TIERS}
    if not rates:
        raise _wrong(model, "", "states no price. Add input and output, or usd_per_hour.")
    tiers = tuple((name, _tier(model, name, stated[name])) for name in TIERS if name in stated)
    return replace(_price(model, "", rates, FIELDS), tiers=tiers)


def _tier(model: str, name: str, stated: Any) -> Price:
    """Return a service tier's price, all of it: what it leaves out costs as the kind that it is part of."""
    if not isinstance(stated, Mapping) or not stated:
        raise _wrong(model, f".{name}", f"is {stated!r}: a table is needed, as {{input = ..., output = ...}}.")
    return _price(model, f".{name}", stated, RATES)


def _price(model: str, place: str, stated: Mapping[str, Any], known: tuple[str, ...]) -> Price:
    rates = {key: _stated(model, f"{place}.{key}", key, value, known) for key, value in stated.items()}
    if ("input" in stated) != ("output" in stated):
        missing = "output" if "input" in stated else "input"
        what = "is missing. Add it, in USD per million tokens; 0 says that it is free."
        raise _wrong(model, f"{place}.{missing}", what)
    return Price(source="configuration", **rates)


def _stated(model: str, place: str, key: str, value: Any, known: tuple[str, ...]) -> Any:
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
        raise _wrong(model, place, f"is no part of a price. {hint}")
    try:
        return rate(value)
    except ValueError as fault:
        raise _wrong(model, place, f"is {value!r}: {fault}. Write USD, such as 2.50.") from None


def _wrong(model: str, key: str, what: str) -> SettingsError:
    name = f'prices."{model}"{key}'
    return SettingsError(f"[tool.llmcost] {name} {what}", key=name)
