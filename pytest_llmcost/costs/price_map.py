"""litellm's price map, read as a file: importing litellm takes seconds, reading its map milliseconds."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from pytest_llmcost.costs.rates import per_mtok, rate
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.price import Price

FILE_NAME = "model_prices_and_context_window_backup.json"
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "input": ("input_cost_per_token",),
    "output": ("output_cost_per_token",),
    "cached_input": ("cache_read_input_token_cost", "input_cost_per_token_cache_hit"),  # the second is its old name
    "cache_write": ("cache_creation_input_token_cost",),
    "cache_write_1h": ("cache_creation_input_token_cost_above_1hr",),
    "reasoning": ("output_cost_per_reasoning_token",),
}
_TIERS = {"batch": "_batches", "flex": "_flex", "priority": "_priority"}
"""Ends of the fields that hold the rates of service tiers."""
_CONTEXT_TIER = re.compile(r"(?P<field>\w+?)_above_(?P<thousands>\d+)k_tokens")


@dataclass(frozen=True)
class PriceMap:
    """litellm's entries by model, in USD per token, and which edition of them this is."""

    entries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sha256: str = ""
    date: str = ""

    def find(self, model: str) -> Mapping[str, Any] | None:
        """Return the entry of *model*, or None.

        Case does not matter, and `openai/gpt-4o` is found as `gpt-4o` where the entry's
        provider is openai: another provider's price is no price.
        """
        if found := self._by_lower_name.get(model.lower()):
            return found
        provider, _, bare = model.lower().partition("/")
        entry = self._by_lower_name.get(bare)
        return entry if entry and _is_of(str(entry.get("litellm_provider")), provider) else None

    def full_names(self) -> Iterable[str]:
        """Return every model's name with its provider in front, for suggestions."""
        for name, entry in self.entries.items():
            provider = entry.get("litellm_provider")
            yield name if "/" in name or not provider else f"{provider}/{name}"

    @cached_property
    def _by_lower_name(self) -> dict[str, Mapping[str, Any]]:
        return {name.lower(): entry for name, entry in self.entries.items()}


def read_price_map() -> PriceMap:
    """Read the map that the installed litellm brings, without importing litellm.

    Raises:
        PriceError: If litellm or its map is not there, or is no JSON.
    """
    spec = importlib.util.find_spec("litellm")
    folders = (spec.submodule_search_locations if spec else None) or [""]
    path = Path(folders[0], FILE_NAME)
    try:
        raw = path.read_bytes()
        entries = json.loads(raw, parse_float=Decimal)
    except (OSError, ValueError) as fault:
        message = f"litellm's price map cannot be read: {fault}\nInstall litellm again, or give prices of your own."
        raise PriceError(message, model="") from fault
    entries.pop("sample_spec", None)  # the map's own documentation, all zeros
    date = f"litellm {importlib.metadata.version('litellm')}"
    return PriceMap(entries, hashlib.sha256(raw).hexdigest(), date)


def price_from(model: str, entry: Mapping[str, Any], source: str) -> Price | None:
    """Return an entry's price, or None where it has none a token (images, audio, seconds).

    Of a service tier that states a rate for input and output, kinds without one cost as in
    the standard tier: what the map leaves out is not taken to be cheaper.

    Raises:
        PriceError: If a rate is negative, not finite or no number.
    """
    standard = _price(model, entry, source)
    if standard is None:
        return None
    tiers = {name: _price(model, _of_tier(entry, end), source) for name, end in _TIERS.items() if _has_tier(entry, end)}
    return replace(standard, tiers=tuple((name, price) for name, price in tiers.items() if price is not None))


def _has_tier(entry: Mapping[str, Any], end: str) -> bool:
    return all(entry.get(f"{_FIELDS[kind][0]}{end}") is not None for kind in ("input", "output"))


def _of_tier(entry: Mapping[str, Any], end: str) -> dict[str, Any]:
    """Return an entry with a service tier's rates in place of the standard ones."""
    return {**entry, **{name.removesuffix(end): rate for name, rate in entry.items() if name.endswith(end)}}


def _price(model: str, entry: Mapping[str, Any], source: str) -> Price | None:
    tiers = _tiers_by_range(entry) or _tiers_by_suffix(entry)
    flat = {**entry, **tiers.pop(0, {})}
    if not all(flat.get(_FIELDS[kind][0]) is not None for kind in ("input", "output")):
        return None
    base = replace(
        Price(source=source, per_request=_rate_of(model, flat, "input_cost_per_request") or Decimal(0)),
        **_token_rates(model, flat),
    )
    above: list[tuple[int, Price]] = []
    for more_than, fields in sorted(tiers.items()):
        base_of_tier = above[-1][1] if above else base
        above.append((more_than, replace(base_of_tier, **_token_rates(model, fields))))
    return replace(base, above=tuple(above))


def _tiers_by_suffix(entry: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    tiers: dict[int, dict[str, Any]] = {}
    for name, value in entry.items():
        if found := _CONTEXT_TIER.fullmatch(name):
            tiers.setdefault(1000 * int(found["thousands"]), {})[found["field"]] = value
    return tiers


def _tiers_by_range(entry: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    return {int(tier["range"][0]): dict(tier) for tier in entry.get("tiered_pricing", ()) if "range" in tier}


def _token_rates(model: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    rates = {}
    for kind, names in _FIELDS.items():
        found = next((r for name in names if (r := _rate_of(model, fields, name)) is not None), None)
        if found is not None:
            rates[kind] = per_mtok(found)
    return rates


def _rate_of(model: str, fields: Mapping[str, Any], name: str) -> Decimal | None:
    value = fields.get(name)
    if value is None:
        return None
    try:
        return rate(value)
    except ValueError as fault:
        raise PriceError(f"litellm's price map has {name} = {value!r} for {model!r}: {fault}", model=model) from None


def _is_of(listed: str, provider: str) -> bool:
    """Whether the map's provider (`vertex_ai-language-models`, `bedrock_converse`) is *provider*'s."""
    return listed == provider or listed.startswith((f"{provider}-", f"{provider}_")) or listed.endswith(f"-{provider}")
