"""Which model a first suite asks: the user's word, else a configured one, else what a key reaches, else local."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pytest_llmcost.assembly.models import Models, price_fields
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.cli.keys import Provider, providers_at_hand
from pytest_llmcost.costs.price_map import PriceMap, read_price_map
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.errors import PriceError, SettingsError

LOCAL_MODEL = "local/smollm2-135m"
_LOCAL = "local/"
FIRST_TIER = "cheap"
_FIXED_TEMPERATURE = ("openai", "azure")
"""Their thinking models refuse every temperature but their own."""

StatedPrices = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a project without a configuration is given.

    Attributes:
        tiers: Models by tier.
        provider: Whose key was found; None where none was.
        prices: USD per million tokens of models that litellm's list has under another provider only.
    """

    tiers: Mapping[str, str]
    provider: Provider | None
    prices: StatedPrices


@dataclass(frozen=True, slots=True)
class Choice:
    """The model of a first suite.

    Attributes:
        name: As the suite writes it: a tier, a configured model, or a provider's.
        model: The provider's name, or `local/...`.
        others: Tiers that are not asked yet.
        thinks: Whether it may think before it answers, which takes tokens.
        warning: Why it cannot be asked as things are; empty where nothing is known to be in the way.
    """

    name: str
    model: str
    others: tuple[str, ...]
    thinks: bool
    warning: str

    @property
    def strategy(self) -> str:
        """What its strategy is called."""
        return self.name.rpartition("/")[2] or self.name

    @property
    def weights(self) -> str:
        """The name of a local model's weights; empty where the model is remote."""
        return self.model.removeprefix(_LOCAL) if self.model.startswith(_LOCAL) else ""

    @property
    def takes_temperature(self) -> bool:
        """Whether a temperature may be sent along."""
        return not (self.thinks and self.model.partition("/")[0] in _FIXED_TEMPERATURE)


def propose(environment: Mapping[str, str]) -> Proposal:
    """Return tiers of the first provider whose key is set, else the local model alone."""
    provider = next((found for found in providers_at_hand(environment) if found.tiers), None)
    if provider is None:
        return Proposal({FIRST_TIER: LOCAL_MODEL}, None, {})
    return Proposal(provider.tiers, provider, _prices_elsewhere(provider.tiers.values()))


def choose_model(asked_for: str | None, settings: Settings, usual: str, environment: Mapping[str, str]) -> Choice:
    """Return the model to begin with.

    Args:
        asked_for: `--model`, or None.
        settings: In force, or about to be written.
        usual: What is taken where neither the user nor the settings name a model.
        environment: Where providers' addresses are looked for.

    Raises:
        SettingsError: If *asked_for* is no model.
    """
    listed = read_price_map()
    models = Models(settings, PriceTable(settings.prices, read_map=lambda: listed), environment)
    name = asked_for or next((found for found in _configured(settings) if found in models), usual)
    if name not in models:
        tiers = f", or a tier: {', '.join(settings.tiers)}" if settings.tiers else ""
        raise SettingsError(
            f"--model {name}: there is no such model.\n"
            f"Name a provider's, such as openai/gpt-4o-mini or {LOCAL_MODEL}{tiers}",
            key="--model",
        )
    model = _real_name(name, settings)
    others = tuple(tier for tier in settings.tiers if tier != name)
    return Choice(name, model, others, _thinks(model, listed), _obstacle(name, models))


def with_proposal(settings: Settings, proposal: Proposal) -> Settings:
    """Return the settings as they are once the proposal is written."""
    return replace(settings, tiers=proposal.tiers, prices=proposal.prices)


def _configured(settings: Settings) -> Iterator[str]:
    """Yield what the settings name, the likeliest first; strategies may be models, too."""
    if FIRST_TIER in settings.tiers:
        yield FIRST_TIER
    yield from (*settings.tiers, *settings.strategies, *settings.models)


def _real_name(name: str, settings: Settings) -> str:
    while name in settings.tiers:
        name = settings.tiers[name]
    return settings.models[name].model if name in settings.models else name


def _obstacle(name: str, models: Models) -> str:
    try:
        models.find(name)
    except PriceError as error:
        return str(error)
    return ""


def _thinks(model: str, listed: PriceMap) -> bool:
    return bool((listed.find(model) or {}).get("supports_reasoning"))


def _prices_elsewhere(models: Iterable[str]) -> StatedPrices:
    """Return the prices of models that a reseller offers, as their makers have them."""
    known, prices = PriceTable({}), {}
    for model in models:
        _, _, at_its_maker = model.partition("/")
        if not _has_price(model, known) and _has_price(at_its_maker, known):
            fields = price_fields(known.price_of(at_its_maker))
            prices[model] = {kind: fields[kind] for kind in ("input", "output")}
    return prices


def _has_price(model: str, known: PriceTable) -> bool:
    try:
        known.price_of(model)
    except PriceError:
        return False
    return True
