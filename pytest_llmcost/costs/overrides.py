"""The prices that a user states: `[tool.llmcost.prices."provider/model"]`, checked key by key."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pytest_llmcost.costs.rates import rate
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.price import Price

FIELDS = ("input", "output", "cached_input", "cache_write", "reasoning", "per_request", "usd_per_hour")
_LATER = ("batch",)


def price_override(model: str, stated: Mapping[str, Any]) -> Price:
    """Return the price that the configuration states for *model*.

    It replaces the map's price as a whole, so tokens are priced in both directions or in
    none: a rate that is left out would make them free unseen.

    Raises:
        SettingsError: If a key or a number is wrong, or half of the price is missing.
    """
    if not isinstance(stated, Mapping):
        raise _wrong(model, "", f"is {stated!r}: a table is needed. Write input = ... and output = ... below it.")
    price = Price(source="configuration", **{key: _stated(model, key, value) for key, value in stated.items()})
    if not stated:
        raise _wrong(model, "", "states no price. Add input and output, or usd_per_hour.")
    if ("input" in stated) != ("output" in stated):
        missing = "output" if "input" in stated else "input"
        raise _wrong(model, f".{missing}", "is missing. Add it, in USD per million tokens; 0 says that it is free.")
    return price


def _stated(model: str, key: str, value: Any) -> Any:
    if key in _LATER:
        raise _wrong(model, f".{key}", "is not supported yet. Leave it out.")
    if key not in FIELDS:
        near = difflib.get_close_matches(key, FIELDS, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(FIELDS)}."
        raise _wrong(model, f".{key}", f"is no part of a price. {hint}")
    try:
        return rate(value)
    except ValueError as fault:
        raise _wrong(model, f".{key}", f"is {value!r}: {fault}. Write USD, such as 2.50.") from None


def _wrong(model: str, key: str, what: str) -> SettingsError:
    name = f'prices."{model}"{key}'
    return SettingsError(f"[tool.llmcost] {name} {what}", key=name)
