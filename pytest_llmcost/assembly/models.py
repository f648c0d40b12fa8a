"""From the name that a suite writes to the model that is asked: tiers, configured models, litellm's names."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.domain.errors import PriceError, SettingsError
from pytest_llmcost.domain.model_name import without_tier
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.protocols import Catalogue
from pytest_llmcost.domain.request import Endpoint

BASE_VARIABLES = ("BASE_URL", "API_BASE")
"""Ends of the variables that move a provider's address, as its own client reads them."""

_AT = " @ "
"""Between a model's name and the folder whose configuration says what it means there."""


@dataclasses.dataclass(frozen=True, slots=True)
class Model:
    """A model, found: where it is, what is sent along, and what it costs."""

    endpoint: Endpoint
    params: Mapping[str, Any]
    price: Price


class Models:
    """All models that this project can name.

    Args:
        settings: Tiers and configured models.
        prices: The price list, which knows who serves a model, too.
        environment: Where the providers' usual variables are looked up.
        places: By name, the folder whose own file says what a model or its price is; none for the root's.
        at: Finds the models of another place; without it those here hold everywhere.

    Raises:
        SettingsError: If tiers name each other in a circle, or a limit is that of a tier.
    """

    def __init__(
        self,
        settings: Settings,
        prices: Catalogue,
        environment: Mapping[str, str],
        places: Mapping[str, str] = MappingProxyType({}),
        at: Callable[[str], Models] | None = None,
    ) -> None:
        self._settings = settings
        self._places = places
        self._at = at
        self._prices = prices
        self._environment = environment
        self._found: dict[str, Model] = {}
        for tier in settings.tiers:
            target = self._follow_tiers(tier)
            if tier in settings.limits:
                raise SettingsError(
                    f"[tool.llmcost.limits]: {tier!r} is a tier. Name its model, {target!r}, or the provider.",
                    key="limits",
                )

    def at(self, suite: str) -> Models:
        """Return the models as the suite of that path may name them.

        Raises:
            SettingsError: If a configuration file on the way to it is wrong.
        """
        return self._at(suite) if self._at else self

    def __iter__(self) -> Iterator[str]:
        yield from self._settings.tiers
        yield from self._settings.models

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        """Whether a suite may name it: a tier, a configured model, a `provider/model`, or one with a known price."""
        if not isinstance(name, str):
            return False
        return name in self._settings.tiers or name in self._settings.models or "/" in name or self._is_priced(name)

    def find(self, name: str) -> Model:
        """Return the model that *name* stands for.

        Raises:
            PriceError: If its price is not known.
        """
        if name not in self._found:  # each call asks for the price of its model, by every name that it had
            self._found[name] = self._look_up(self._follow_tiers(self._without_place(name)))
        return self._found[name]

    def name_of(self, name: str) -> str:
        """Return litellm's name of the model that *name* stands for, whether or not its price is known."""
        target = self._follow_tiers(self._without_place(name))
        configured = self._settings.models.get(target)
        return target if configured is None else configured.model

    def _look_up(self, name: str) -> Model:
        configured = self._settings.models.get(name)
        if configured is None:
            endpoint = dataclasses.replace(self._endpoint(name), name=self._label(name, name))
            return Model(endpoint, {}, self._prices.price_of(name))
        endpoint = self._endpoint(configured.model)
        endpoint = dataclasses.replace(
            endpoint,
            api_base=configured.api_base or endpoint.api_base,
            api_key_env=configured.api_key_env,
            headers=configured.headers,
            extra=configured.litellm,
            name=self._label(name, configured.model) or name,
        )
        return Model(endpoint, configured.params, self._price(name, configured.model))

    def price_of(self, model: str) -> Price:
        """Return a model's price by any name it is known under, a service tier in it included.

        Raises:
            PriceError: If none is known.
        """
        name, tier = without_tier(model)
        price = self.find(name).price
        in_tier = price.for_tier(tier) if tier else price
        if in_tier is None:
            raise PriceError(f"no price of the {tier} tier is known for {name!r}.", model=name)
        return in_tier

    def provider_of(self, endpoint: Endpoint) -> str:
        """Return whose limits hold for an endpoint: nobody's where the configuration gives the server's address."""
        configured = self._settings.models.get(endpoint.name)
        if configured is not None and configured.api_base is not None:
            return ""
        return self._prices.provider_of(endpoint.model)

    def least_prefix_tokens(self, endpoint: Endpoint) -> int | None:
        """Return the shortest prefix of a prompt that is kept for an endpoint, or None where nobody says."""
        return self._prices.least_prefix_tokens(endpoint.model)

    def _price(self, name: str, model: str) -> Price:
        return self._prices.price_of(name if name in self._settings.prices else model)

    def _label(self, name: str, model: str) -> str:
        """Return what a model is called where the same name may mean another elsewhere; empty where it cannot."""
        place = self._places.get(name) or self._places.get(model)
        return f"{name}{_AT}{place}" if place else ""

    def _without_place(self, label: str) -> str:
        name, _, place = label.rpartition(_AT)
        return name if place in self._places.values() else label

    def tiers_of(self, name: str) -> tuple[str, ...]:
        """Return the tiers through which *name* reaches its model, itself included where it is one."""
        return tuple(self._path(name)[:-1])

    def _follow_tiers(self, name: str) -> str:
        return self._path(name)[-1]

    def _path(self, name: str) -> list[str]:
        path = [name]
        while path[-1] in self._settings.tiers:
            target = self._settings.tiers[path[-1]]
            if target in path:
                circle = " -> ".join([*path, target])
                raise SettingsError(f"[tool.llmcost.tiers] go in a circle: {circle}", key="tiers")
            path.append(target)
        return path

    def _endpoint(self, model: str) -> Endpoint:
        provider = self._prices.provider_of(model).upper().replace("-", "_")
        bases = (self._environment.get(f"{provider}_{end}") for end in BASE_VARIABLES)
        return Endpoint(model, api_base=next(filter(None, bases), None))

    def _is_priced(self, model: str) -> bool:
        try:
            self._prices.price_of(model)
        except PriceError:
            return False
        return True


def price_fields(price: Price) -> dict[str, Any]:
    """Return a price as files keep it: USD per million tokens, and what else is stated."""
    # A cached rate of nought is free, none at all is the input's: only what says nothing is left out.
    stated = [f for f in dataclasses.fields(price) if getattr(price, f.name) != f.default]
    fields: dict[str, Any] = {
        f.name: _number(getattr(price, f.name)) for f in stated if f.name not in ("above", "source", "tiers")
    }
    if price.above:
        fields["above"] = {str(tokens): price_fields(tier) for tokens, tier in price.above}
    return fields


def _number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)
