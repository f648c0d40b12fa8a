"""Tokens and US dollars of texts, for a model by any name that the project knows it by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.requests import must_be_told
from pytest_llmcost.calls.tokens import ESTIMATE_ERROR, TokenCounter, counter_of
from pytest_llmcost.calls.weights.find import find_weights
from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.price import Price, cost_of
from pytest_llmcost.domain.usage import Usage

UNNAMED = "an unnamed model"
"""Whose tokens are estimated where nobody says who reads a prompt."""
_UNNAMED_PRICE = "no model is named: name it for USD, --model openai/gpt-4o-mini"


@dataclass(frozen=True, slots=True)
class Metered:
    """One model, ready to count and to price.

    Attributes:
        name: As it was asked for.
        price: None where none is known a token; `unpriced` then says why.
        least_prefix_tokens: The shortest beginning of a prompt that its provider keeps; None where nobody says.
        keeps_whole: Whether it keeps whole messages alone, and has to be told.
    """

    name: str
    counter: TokenCounter
    price: Price | None
    unpriced: str = ""
    least_prefix_tokens: int | None = None
    keeps_whole: bool = False

    def usd(self, tokens: float) -> Decimal | None:
        """Return what so many more input tokens cost, in US dollars; None where no price is known."""
        if self.price is None:
            return None
        one = cost_of(Usage(input_tokens=1), self.price) - cost_of(Usage(), self.price)
        return one * Decimal(str(tokens))

    def notes(self) -> Iterator[str]:
        """Yield what must be known of its figures."""
        if not self.counter.exact:
            yield f"{self.name}: tokens are {self.counter.by}; it may be off by {100 * ESTIMATE_ERROR:.0f} %"
        if self.unpriced:
            yield self.unpriced


@dataclass(slots=True)
class Meters:
    """The models of a project, each set up when it is first asked for."""

    models: Models
    root: Path
    _known: dict[str, Metered] = field(default_factory=dict)

    def of(self, name: str, suite: str = "") -> Metered:
        """Return a model by the name that the suite of that path, or the root, knows it by."""
        if name == UNNAMED:
            return Metered(name, counter_of(name), None, _UNNAMED_PRICE)
        models = self.models.at(suite) if suite else self.models
        key = f"{models.name_of(name)} {name} {suite}"
        if key not in self._known:
            self._known[key] = self._set_up(name, models)
        return self._known[key]

    def _set_up(self, name: str, models: Models) -> Metered:
        folder = ModelFolder(models_folder())
        counter = counter_of(models.name_of(name), lambda model: find_weights(model, folder, self.root))
        try:
            price = models.find(name).price
        except PriceError as error:
            first = str(error).partition(" To state it")[0].partition("\n")[0]
            return Metered(name, counter, None, f"{first} Tokens are told alone.")
        if price.usd_per_hour:
            why = f"{name} is paid by the hour, not by the token: name another for USD, --model openai/gpt-4o-mini"
            return Metered(name, counter, None, why)
        endpoint = models.find(name).endpoint
        return Metered(name, counter, price, "", models.least_prefix_tokens(endpoint), must_be_told(endpoint))
