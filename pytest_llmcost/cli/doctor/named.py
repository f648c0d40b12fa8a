"""The models that a project names: what each costs, which key it needs, whether its weights are here."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from pytest_llmcost.assembly.models import Model, price_fields
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.calls.providers.chat.keys import key_variable
from pytest_llmcost.calls.providers.dispatch import LOCAL
from pytest_llmcost.calls.weights.find import find_weights
from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder
from pytest_llmcost.calls.weights.known import KNOWN
from pytest_llmcost.cli.doctor.finding import BAD, OK, WARN, Finding, of_error
from pytest_llmcost.cli.keys import PROVIDERS, is_set
from pytest_llmcost.domain.errors import PriceError, WeightsError
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.request import Endpoint


@dataclasses.dataclass(frozen=True, slots=True)
class Named:
    """A model by the name that a suite or the configuration has for it, or why it cannot be asked."""

    name: str
    found: Model | PriceError

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where it is reached; empty where it has no price, and so is never asked."""
        return (self.found.endpoint,) if isinstance(self.found, Model) else ()


def find_named(names: Iterable[tuple[str, str]], runner: Runner) -> list[Named]:
    """Return the models of these names, each once; a name stands behind the path of the suite that has it."""
    found: dict[tuple[str, str], Named] = {}
    for suite, name in names:
        model = _find(suite, name, runner)
        label = str(model) if isinstance(model, PriceError) else model.endpoint.label
        found.setdefault((name, label), Named(name, model))
    return list(found.values())


def _find(suite: str, name: str, runner: Runner) -> Model | PriceError:
    try:
        return runner.models.at(suite).find(name)
    except PriceError as error:
        return error


def priced(named: Iterable[Named]) -> Iterator[Finding]:
    """Yield what each model costs, or the lines that have to be added."""
    for one in named:
        if isinstance(one.found, PriceError):
            yield of_error("price", one.found)
            continue
        real = one.found.endpoint.model
        alias = "" if real == one.name else f" = {real}"
        yield Finding(OK, "price", f"{one.name}{alias}: {_price_text(one.found.price)}")


def _price_text(price: Price) -> str:
    if price.is_free:
        return f"free, by {price.source}"
    fields = price_fields(price)
    per_token = [f"{kind} {fields[kind]}" for kind in ("input", "cached_input", "output") if kind in fields]
    parts = [f"{', '.join(per_token)} USD per million tokens"] if per_token else []
    parts += [f"{usd} USD {unit}" for usd, unit in _flat(price) if usd]
    dearer = f", dearer above {price.above[0][0]:,} tokens" if price.above else ""
    return f"{' and '.join(parts)}{dearer} ({price.source})"


def _flat(price: Price) -> tuple[tuple[Decimal, str], ...]:
    return (price.per_request, "a request"), (price.usd_per_hour, "an hour of compute")


def missing_keys(named: Iterable[Named], runner: Runner, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the variables that the models' keys are expected in, and that are not set; once each."""
    needed: dict[str, list[str]] = {}
    for one in named:
        for endpoint in one.endpoints:
            for variable in _missing(endpoint, runner, environment):
                needed.setdefault(variable, []).append(one.name)
    for variable, names in needed.items():
        text = f"{variable} is not set, and {', '.join(names)} may need it"
        yield Finding(WARN, "key", text, f"export {variable}=...   (without it only recorded answers can be had)")


def _missing(endpoint: Endpoint, runner: Runner, environment: Mapping[str, str]) -> list[str]:
    provider = runner.prices.provider_of(endpoint.model)
    if provider in ("", LOCAL, *runner.extensions.providers):
        return []
    full = endpoint if "/" in endpoint.model else dataclasses.replace(endpoint, model=f"{provider}/{endpoint.model}")
    expected = key_variable(full)
    also = next((known.variables for known in PROVIDERS if expected in known.variables), ())
    if any(is_set(variable, environment) for variable in also):
        return []
    return [variable for variable in expected.split(" and ") if not is_set(variable, environment)]


def local_models(named: Iterable[Named], settings: Settings) -> Iterator[Finding]:
    """Yield whether the weights of local models are here, and of the known ones that nobody names, too."""
    folder = ModelFolder(models_folder())
    models = [endpoint.model for one in named for endpoint in one.endpoints if endpoint.provider == LOCAL]
    names = list(dict.fromkeys(model.removeprefix(f"{LOCAL}/") for model in models))
    for name in names:
        yield _weights(name, folder, settings)
    if names and importlib.util.find_spec("xllamacpp") is None:
        yield Finding(BAD, "local model", "the engine is missing", "pip install 'pytest-llmcost[local]'")
    for name in KNOWN:
        if name not in names:
            state = "pulled" if folder.has(name) else "not pulled"
            yield Finding(OK, "local model", f"{name}: {state}; nothing here names it")


def _weights(name: str, folder: ModelFolder, settings: Settings) -> Finding:
    try:
        path = find_weights(name, folder, settings.root)
    except WeightsError as error:
        return dataclasses.replace(of_error("local model", error), level=WARN)
    return Finding(OK, "local model", f"{name}: pulled, {path}")
