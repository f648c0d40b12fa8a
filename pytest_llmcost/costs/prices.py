"""What a model charges: by the user's word, else another package's, else litellm's map; unknown is never zero."""

from __future__ import annotations

import difflib
import json
import warnings
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from pytest_llmcost.costs.overrides import price_override
from pytest_llmcost.costs.price_map import PriceMap, price_from, read_price_map
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.price import Price

LOCAL_PREFIX = "local/"
ASSUMED_LOCAL = Price(usd_per_hour=Decimal("0.04"), source="assumed")
"""About the rent of two shared virtual CPUs: a local model takes time, and time is not free."""
OPENAI_LEAST_PREFIX = 1024
DEAREST_PLAUSIBLE = Decimal(1000)
CHEAPEST_PLAUSIBLE = Decimal("0.0001")


class PriceTable:
    """Prices by model; satisfies `domain.protocols.PriceList`.

    litellm's map (3 MB) is read when the first model without a price of the user's is
    asked for, and not before.

    Args:
        overrides: By model, the tables `[tool.llmcost.prices."..."]` as they were parsed.
        read_map: Where the other prices come from.
        packaged: By model, the prices that other packages state.
        warn: Told once a model where a price looks like one in another unit.

    Raises:
        SettingsError: If an override is wrong.
    """

    def __init__(
        self,
        overrides: Mapping[str, Mapping[str, Any]],
        read_map: Callable[[], PriceMap] = read_price_map,
        warn: Callable[[str], object] = warnings.warn,
        packaged: Mapping[str, Price] = MappingProxyType({}),
    ) -> None:
        own = {name.lower(): price_override(name, stated) for name, stated in overrides.items()}
        self._stated = {name.lower(): price for name, price in packaged.items()} | own
        self._read_map = read_map
        self._warn = warn
        self._map: PriceMap | None = None
        self._known: dict[str, Price] = {}
        self._missed: dict[str, tuple[str, str | None]] = {}
        self._windows: dict[str, int | None] = {}  # asked for before every call

    def under(self, overrides: Mapping[str, Mapping[str, Any]]) -> PriceTable:
        """Return this table under further prices of the user's; litellm's map is still read once for both.

        Raises:
            SettingsError: If an override is wrong.
        """
        return PriceTable(overrides, self._loaded, self._warn, self._stated)

    def price_of(self, model: str) -> Price:
        """Return what *model* charges.

        Raises:
            PriceError: If nobody says; its text holds the lines of TOML that mend it.
        """
        if model in self._missed:  # to search once more for what was meant would take a tenth of a second
            message, date = self._missed[model]
            raise PriceError(message, model=model, date=date)
        if model not in self._known:
            try:
                self._known[model] = self._look_up(model)
            except PriceError as error:
                self._missed[model] = (str(error), error.date)
                raise
            self._doubt(model, self._known[model])
        return self._known[model]

    def provider_of(self, model: str) -> str:
        """Return who serves *model*: the part before its first slash, else what litellm's map says, else nothing."""
        provider, slash, _ = model.partition("/")
        return provider if slash else self._listed(model, "litellm_provider")

    def mode_of(self, model: str) -> str:
        """Return what *model* is for by litellm's map, such as `chat` or `responses`, or nothing where it is silent."""
        return self._listed(model, "mode")

    def least_prefix_tokens(self, model: str) -> int | None:
        """Return the shortest prefix that the provider of *model* keeps, or None where nobody says.

        litellm's map states it for Anthropic's and Google's models. OpenAI keeps nothing below
        1,024 tokens (its guide on prompt caching), which the map does not say.
        """
        entry = self._entry(model)
        if (stated := entry.get("prompt_cache_min_tokens")) is not None:
            return int(stated)
        is_kept = entry.get("supports_prompt_caching") is True and entry.get("litellm_provider") in ("openai", "azure")
        return OPENAI_LEAST_PREFIX if is_kept else None

    def window_of(self, model: str) -> int | None:
        """Return how many tokens of input *model* takes, by litellm's map, or None where nobody says.

        Where the map has rates for more input than that, there are ways to send more (a header
        of the provider's), and nothing is known. A local model's engine knows its own.
        """
        if model not in self._windows:
            self._windows[model] = self._window(model)
        return self._windows[model]

    def _window(self, model: str) -> int | None:
        if model.lower().startswith(LOCAL_PREFIX):
            return None
        entry = self._entry(model)
        window = entry.get("max_input_tokens")
        if isinstance(window, bool) or not isinstance(window, int) or window <= 0:
            return None
        price = price_from(model, entry, "")
        is_widened = price is not None and any(more_than >= window for more_than, _ in price.above)
        return None if is_widened else window

    def _entry(self, model: str) -> Mapping[str, Any]:
        """Return what the map says of *model*; nothing where it cannot be read, which a missing price tells."""
        try:
            return self._loaded().find(model) or {}
        except PriceError:
            return {}

    def _listed(self, model: str, name: str) -> str:
        return str((self._loaded().find(model) or {}).get(name, ""))

    def _loaded(self) -> PriceMap:
        self._map = self._map or self._read_map()
        return self._map

    @property
    def digest(self) -> str:
        """SHA-256 of litellm's map, or empty where no price was taken from it."""
        return self._map.sha256 if self._map else ""

    @property
    def date(self) -> str:
        """Edition of litellm's map, or empty where no price was taken from it."""
        return self._map.date if self._map else ""

    def _look_up(self, model: str) -> Price:
        if stated := self._stated.get(model.lower()):
            return stated
        if model.lower().startswith(LOCAL_PREFIX):
            return ASSUMED_LOCAL
        listed = self._loaded()
        entry = listed.find(model)
        price = price_from(model, entry, listed.date) if entry else None
        if price is None:
            raise self._unknown(model, listed)
        return price

    def _unknown(self, model: str, listed: PriceMap) -> PriceError:
        near = difflib.get_close_matches(model.lower(), [*self._stated, *listed.full_names()], n=1, cutoff=0.8)
        hint = f" Did you mean {near[0]}?" if near and near[0] != model.lower() else ""
        lines = (
            f"no price is known for {model!r}.{hint} To state it, add to pyproject.toml:",
            f"[tool.llmcost.prices.{json.dumps(model, ensure_ascii=False)}]",
            "input = ...",
            "output = ...  # USD per million tokens",
        )
        return PriceError("\n".join(lines), model=model, date=listed.date)

    def _doubt(self, model: str, price: Price) -> None:
        rates = {"input": price.input, "output": price.output, "cached_input": price.cached_input}
        for kind, usd in rates.items():
            if usd and not CHEAPEST_PLAUSIBLE <= usd <= DEAREST_PLAUSIBLE:
                text = f"{model} costs {usd} USD per million tokens ({kind}, by {price.source})"
                self._warn(f"{text}: is the unit right? Prices are stated per million tokens.")
