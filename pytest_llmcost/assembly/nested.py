"""A `llmcost.toml` below the root adds to what holds above it, for the suites beside and below it; it frees nobody.

It comes with a pull request as suites do. What decides where keys go, what prices budgets
count with and which code is run is the root's to say, and so is what a run has only once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from pytest_llmcost.assembly.settings import VARIABLE_PREFIX, Settings, own_table, read_key
from pytest_llmcost.assembly.tightened import loosened
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.suites.project import Configured
from pytest_llmcost.suites.schema.params import PARAMS
from pytest_llmcost.suites.tree.files import Unreadable, identity_of, read_text
from pytest_llmcost.suites.tree.toml_lines import line_of

_MERGED = ("tiers", "models", "prices")
_BOUNDS = ("gate", "budget_usd")
_KEYS = frozenset({*_MERGED, "max_cost_usd", "max_tokens", "allowed_python", "defaults", "strategies"})
_CONNECTION = ("api_base", "api_key_env", "headers", "litellm")


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds for the suites of one folder.

    Attributes:
        settings: The project's, with what the files on the way to the folder change.
        configured: What all of these say of suites, the nearest first.
        caps: What the suites below each of them may spend together, in US dollars, by file.
        places: The folder whose file says what a model is or costs, by the model's name; none for the root's.
        own_prices: What the nearest file states.
    """

    settings: Settings
    configured: tuple[Configured, ...]
    caps: Mapping[str, Decimal] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    own_prices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def default_model(self) -> str | None:
        """The first of the nearest default strategies, which tests in Python ask where they name none."""
        named = (one.defaults.get("strategies") for one in self.configured)
        names = next((names for names in named if names is not None), None)
        return str(names[0]) if isinstance(names, list) and names else None


def root_scope(settings: Settings) -> Scope:
    """Return what holds where there is no other file than the root's."""
    file = identity_of(settings.file or settings.root / "the configuration", settings.root)
    return Scope(settings, (Configured(file, settings.defaults, settings.strategies),))


def nested_scope(file: Path, above: Scope, environment: Mapping[str, str]) -> Scope:
    """Return what holds beside and below *file*.

    Args:
        file: The `llmcost.toml` of a folder below the root.
        above: What holds in the folder above.
        environment: `LLMCOST_*` variables override the file.

    Raises:
        SettingsError: If a key is wrong, is the root's alone, or would loosen what holds above.
    """
    nested = _Nested(file, above)
    own = nested.read()
    nested.check(own)
    settings, folder = above.settings, identity_of(file.parent, above.settings.root)
    changed: dict[str, Any] = {name: {**getattr(settings, name), **own.get(name, {})} for name in _MERGED}
    changed["tiers"] |= settings.given_tiers
    if "max_tokens" in own and f"{VARIABLE_PREFIX}MAX_TOKENS" not in environment:
        changed["max_tokens"] = own["max_tokens"]
    if "allowed_python" in own:
        changed["allowed_python"] = own["allowed_python"]
    return Scope(
        settings=replace(settings, **changed),
        configured=(nested.configured(own), *above.configured),
        caps={**above.caps, **({nested.name: own["max_cost_usd"]} if "max_cost_usd" in own else {})},
        places={**above.places, **dict.fromkeys((*own.get("models", ()), *own.get("prices", ())), folder)},
        own_prices=own.get("prices", {}),
    )


class _Nested:
    """One file, and what it stands below."""

    def __init__(self, file: Path, above: Scope) -> None:
        self._file = file
        self._above = above
        self.name = identity_of(file, above.settings.root)

    def read(self) -> dict[str, Any]:
        """Return the values by key."""
        try:
            document = tomllib.loads(read_text(self._file, self._above.settings.root))
        except (Unreadable, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{self.name}: cannot be read: {error}", key=self.name) from error
        table = own_table(Path(self.name), document)
        return {key: self._value(key, value) for key, value in table.items()}

    def _value(self, key: str, value: Any) -> Any:
        read = read_key(f"{self.name}:{line_of(self._file, (key,))}: {key}", key, value)
        if key not in _KEYS:
            self._refuse((key,), "holds for a whole run", f"Move it to {self._root}")
        return read

    @property
    def _root(self) -> str:
        return self._above.configured[-1].file if self._above.settings.file else "pyproject.toml of the rootdir"

    def check(self, own: Mapping[str, Any]) -> None:
        """Refuse what is the root's, and what would loosen what holds above."""
        for name, model in own.get("models", {}).items():
            for key in _CONNECTION:
                if getattr(model, key):
                    where = "says where a key may go, which is the root's to say"
                    self._refuse(("models", name, key), where, f"Move [models.{name}] to {self._root}")
            for key in model.params.keys() - PARAMS.keys.keys():
                self._refuse(("models", name, "params", key), "is no request parameter of a suite", "Leave it out")
        allowed = self._above.settings.allowed_python
        for module in own.get("allowed_python", ()):
            if not any(module == known or module.startswith(f"{known}.") for known in allowed):
                self._refuse(("allowed_python",), f"has {module!r}, which {self._root} does not allow", "Leave it out")
        for place, bounds in _bounds_of(own):
            for keys in loosened(bounds, self._bounds_above(place)):
                self._refuse_looser((*place, *keys), keys)

    def configured(self, own: Mapping[str, Any]) -> Configured:
        """Return what the file says of suites; a strategy keeps the bounds that it has above."""
        strategies = {}
        for name, strategy in own.get("strategies", {}).items():
            gate = self._bounds_above(("strategies", name), only_its_own=True).get("gate")
            strategies[name] = {**strategy, "gate": _merged(gate, strategy.get("gate", {}))} if gate else strategy
        return Configured(self.name, own.get("defaults", {}), strategies)

    def _bounds_above(self, place: tuple[str, ...], *, only_its_own: bool = False) -> dict[str, Any]:
        """Return the bounds that hold above for the defaults, or for a strategy."""
        tables = [] if only_its_own else [one.defaults for one in reversed(self._above.configured)]
        if place[0] == "strategies":  # they go before all defaults
            tables += [one.strategies.get(place[1], {}) for one in reversed(self._above.configured)]
        bounds: dict[str, Any] = {}
        for table in tables:
            bounds = _merged(bounds, _some(table, _BOUNDS))
        return bounds

    def _refuse_looser(self, place: tuple[str, ...], keys: tuple[str, ...]) -> NoReturn:
        for at in (place, ("defaults", *keys)):
            for one in self._above.configured:
                if (bound := _at(at, one)) is not None:
                    line = line_of(self._above.settings.root / one.file, at)
                    self._refuse(place, f"is looser than {bound!r} in {one.file}:{line}", "Tighten it, or leave it out")
        raise AssertionError("what is looser than a bound has that bound above it")

    def _refuse(self, place: tuple[str, ...], what: str, todo: str) -> NoReturn:
        line = line_of(self._file, place)
        raise SettingsError(f"{self.name}:{line}: {'.'.join(place)} {what}. {todo}.", key=place[0])


def _bounds_of(own: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    defaults = own.get("defaults", {})
    yield ("defaults",), _some(defaults, _BOUNDS)
    described = defaults.get("strategies")
    for place, strategies in ((("strategies",), own.get("strategies")), (("defaults", "strategies"), described)):
        for name, strategy in strategies.items() if isinstance(strategies, Mapping) else ():
            if isinstance(strategy, Mapping):
                yield (*place, name), _some(strategy, _BOUNDS)


def _some(table: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: table[key] for key in keys if key in table}


def _merged(far: Any, near: Any) -> Any:
    if not (isinstance(far, Mapping) and isinstance(near, Mapping)):
        return near
    return {**far, **{key: _merged(far.get(key), value) for key, value in near.items()}}


def _at(place: tuple[str, ...], one: Configured) -> Any:
    value: Any = {"defaults": one.defaults, "strategies": one.strategies}
    for key in place:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
