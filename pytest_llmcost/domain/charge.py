"""What a call is charged as: by the model that replied and the tier that served it, as far as prices are known."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.model_name import TIERS, in_tier, is_same_model, undated
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.protocols import PriceList
from pytest_llmcost.domain.request import Request

BATCH = "batch"
_NEVER_DEARER = (BATCH, "flex")
"""Tiers that are sold below the standard rate, so that the standard rate is a bound where theirs is not known."""
_STANDARD = ("", "auto", "default", "standard", "standard_only", "on_demand")
"""What providers call the tier that everybody gets."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A price, and why it is this one.

    Attributes:
        name: What the price list knows it by: the model, and its tier where that has a rate of its own.
        flags: What a reader must know of it.
    """

    name: str
    price: Price
    flags: tuple[str, ...] = ()


def as_sent(request: Request) -> Request:
    """Return *request* as it goes out.

    A batch answers within a day, which no test can wait for: such a request is asked in
    the standard tier, paid so, and its cost is stated at the batch rate.
    """
    if request.params.get("service_tier") != BATCH:
        return request
    params = {name: value for name, value in request.params.items() if name != "service_tier"}
    return dataclasses.replace(request, params=params)


def asked_charge(model: str, params: Mapping[str, Any], prices: PriceList) -> Charge:
    """Return what a request to *model* with *params* is expected to be charged as.

    Raises:
        PriceError: If the model's price is not known, or that of a tier which may be dearer than the standard one.
    """
    tier = _asked_tier(params)
    charge = _in_tier(model, tier, prices)
    if charge.flags and tier not in _NEVER_DEARER:
        message = f'no price of the {tier} tier is known for {model!r}.\nState it: [tool.llmcost.prices."{model}"]'
        raise PriceError(f"{message} {tier} = {{input = ..., output = ...}}", model=model)
    return charge


def prices_within_reach(model: str, params: Mapping[str, Any], prices: PriceList) -> tuple[Price, ...]:
    """Return what a request may be charged at, what is expected first: another tier may be served than was asked for.

    Raises:
        PriceError: As `asked_charge`.
    """
    return asked_charge(model, params, prices).price, prices.price_of(model)


def charge_of(request: Request, completion: Completion, prices: PriceList) -> Charge:
    """Return what the reply to *request* is charged as.

    The model that replied decides where its price is known, and the tier by which the
    reply says it was served; a batch's rate holds because it was asked for. Without a
    price of theirs the standard rate of the model is taken, and a flag says so. A model
    that is free stays free, whatever its server calls itself.

    Raises:
        PriceError: If no price is known for the model that was asked.
    """
    asked = model = request.endpoint.label
    flags: tuple[str, ...] = ()
    if not is_same_model(request.endpoint.model, completion.model) and not prices.price_of(asked).is_free:
        other = _replied_name(request, completion.model)
        model = next((name for name in (other, undated(other)) if _is_priced(name, prices)), asked)
        flags = (f"priced as asked: no price is known for {other}" if model == asked else f"priced as {model}",)
    asked_tier, said = _asked_tier(request.params), completion.service_tier
    tier = asked_tier if asked_tier == BATCH or not said else said
    charge = _in_tier(model, tier, prices)
    return dataclasses.replace(charge, flags=(*flags, *charge.flags))


def _asked_tier(params: Mapping[str, Any]) -> str:
    return str(params.get("service_tier") or "")


def _in_tier(model: str, tier: str, prices: PriceList) -> Charge:
    standard = prices.price_of(model)
    if tier in _STANDARD or standard.is_free:
        return Charge(model, standard)
    price = standard.for_tier(tier) if tier in TIERS else None
    if price is None:
        return Charge(model, standard, (f"no price of the {tier} tier is known: counted at the standard rate",))
    return Charge(in_tier(model, tier), price)


def _replied_name(request: Request, replied: str) -> str:
    """Return the replying model by its full name: another provider's price would be none."""
    provider, slash, _ = request.endpoint.model.partition("/")
    return f"{provider}/{replied.removeprefix(f'{provider}/')}" if slash else replied


def _is_priced(model: str, prices: PriceList) -> bool:
    try:
        prices.price_of(model)
    except PriceError:
        return False
    return True
