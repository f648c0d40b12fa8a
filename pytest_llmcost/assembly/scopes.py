"""What holds where: each folder's settings and models, found when the first suite there is read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pytest_llmcost.assembly.extensions.added import Extensions
from pytest_llmcost.assembly.models import Model, Models
from pytest_llmcost.assembly.nested import Scope, nested_scope, root_scope
from pytest_llmcost.assembly.settings import OWN_FILE, Settings
from pytest_llmcost.costs.overrides import price_override
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.errors import PriceError, SettingsError
from pytest_llmcost.domain.price import Price
from pytest_llmcost.suites.project import Project
from pytest_llmcost.suites.tree.files import identity_of
from pytest_llmcost.suites.tree.toml_lines import line_of

_Found = tuple[Scope, PriceTable, Models]


class Scopes:
    """The folders of a project; satisfies `PriceList` for the calls of them all.

    Args:
        settings: The project's.
        prices: The project's.
        environment: Variables that override files, and move providers.
    """

    def __init__(self, settings: Settings, prices: PriceTable, environment: Mapping[str, str]) -> None:
        self._root = Path(os.path.abspath(settings.root))
        self._environment = environment
        scope = root_scope(settings)
        self.models = Models(settings, prices, environment, at=lambda suite: self._folder_of(suite)[2])
        self._known: dict[Path, _Found] = {self._root: (scope, prices, self.models)}
        self._asked: dict[str, Price] = {}

    def at(self, suite: str) -> Scope:
        """Return what holds for the suite of that path below the root.

        Raises:
            SettingsError: If a configuration file on the way to it is wrong.
        """
        return self._folder_of(suite)[0]

    def project_at(self, suite: str, extensions: Extensions) -> Project:
        """Return what the suite of that path may name.

        Raises:
            SettingsError: If a configuration file on the way to it is wrong.
        """
        scope, _, models = self._folder_of(suite)
        allowed, functions = scope.settings.allowed_python, extensions.functions
        return Project(models, scope.configured, extensions.accepted, allowed, functions)

    def find(self, suite: str, name: str) -> Model:
        """Return the model that *name* stands for in that suite, to be asked.

        Raises:
            PriceError: If its price is not known.
        """
        model = self.models.at(suite).find(name)
        self._asked[model.endpoint.label] = model.price
        return model

    def price_of(self, label: str) -> Price:
        """Return the price of a model that was found before, by its endpoint's label, or of one that the root knows.

        Raises:
            PriceError: If none is known.
        """
        return self._asked[label] if label in self._asked else self.models.price_of(label)

    def _folder_of(self, suite: str) -> _Found:
        return self._folder(Path(os.path.abspath(self._root / suite.partition("::")[0])).parent)

    def _folder(self, folder: Path) -> _Found:
        if folder not in self._known:
            is_below = folder.is_relative_to(self._root)
            above = self._folder(folder.parent) if is_below else self._known[self._root]
            file = folder / OWN_FILE
            self._known[folder] = self._nested(file, *above) if is_below and os.path.lexists(file) else above
        return self._known[folder]

    def _nested(self, file: Path, above: Scope, prices: PriceTable, models: Models) -> _Found:
        scope = nested_scope(file, above, self._environment)
        for name, stated in scope.own_prices.items():
            with self._told_at(file, "prices", name):
                _check_price(name, stated, scope.settings, prices)
        if scope.own_prices:
            prices = prices.under(scope.own_prices)
        with self._told_at(file, "tiers"):
            return scope, prices, Models(scope.settings, prices, self._environment, scope.places)

    @contextmanager
    def _told_at(self, file: Path, *keys: str) -> Iterator[None]:
        """Tell a mistake of a nested file with its place."""
        try:
            yield
        except SettingsError as error:
            place = f"{identity_of(file, self._root)}:{line_of(file, keys)}"
            raise SettingsError(f"{place}: {str(error).removeprefix('[tool.llmcost] ')}", key=keys[0]) from error


def _check_price(name: str, stated: Mapping[str, Any], settings: Settings, above: PriceTable) -> None:
    """Refuse a price that is none, and one for what has a price already: the caps above are counted in that."""
    price_override(name, stated)
    model = settings.models[name].model if name in settings.models else name
    for known in dict.fromkeys((name, model)):
        with suppress(PriceError):  # (then it may be stated)
            source = above.price_of(known).source
            if source != "assumed":  # (that of a local model bills nobody)
                raise SettingsError(
                    f"the price of {known!r} is known already (by {source}), and budgets count with it. "
                    "Leave it out, or change it in the root's configuration.",
                    key="prices",
                )
