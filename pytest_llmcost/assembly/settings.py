"""The configuration: `[tool.llmcost]` or `llmcost.toml`, under the environment and the command line."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pytest_llmcost.assembly.cache_places import DEFAULT_CACHE, placed, read_address, read_folder, read_places
from pytest_llmcost.assembly.key_values import boolean, number, one_of
from pytest_llmcost.assembly.ledger_place import DEFAULT_LEDGER, ledger_at, read_ledger
from pytest_llmcost.assembly.plan import read_plan
from pytest_llmcost.calls.flow.limits import FlowLimits, read_limits
from pytest_llmcost.calls.redact import read_patterns
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.gate import Family
from pytest_llmcost.domain.spending import Plan

OWN_FILE = "llmcost.toml"
VARIABLE_PREFIX = "LLMCOST_"

NOT_YET = frozenset({"allowed_hosts"})
"""Keys of the contract whose parts are not built yet: said by name, never ignored."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Where and how to reach a configured model."""

    model: str
    api_base: str | None = None
    api_key_env: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    litellm: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a project configures; the defaults are those of a project that configures nothing.

    Attributes:
        root: Folder of the configuration; relative paths start here.
        max_cost_usd: The run's cap; 0 allows replays and free calls only.
        max_tokens: Sent with every call that states none.
        concurrency: Calls in flight.
        cache: Where answers are kept, in the order in which they are read: folders, and Redis's URLs as text.
        recordings: Folder of recorded answers, read before the cache; None where there is none.
        cache_ttl_days: How old an answer of the cache may be; 0 is no limit.
        cache_max_mb: What a folder of the cache holds after a run, at most; 0 is no limit.
        timeout_seconds: A call's whole time.
        attempts: Tries of a call, at most.
        transport: `auto`, or `litellm` for every call to another machine.
        redact: Regular expressions of what is taken out of every answer before it is scored or stored.
        keep_text: Whether answers are kept in run files and reports.
        allowed_python: Modules whose functions a suite may name; a package stands for those below it.
        defaults: Any top-level keys of a suite: they hold where the suite says nothing.
        strategies: By name, for any suite to name.
        family: What verdicts are corrected for: all tests of the run, or those of their suite.
        shared_budget: Redis's URL, where machines share the run's budget; empty where each has the whole.
        limits: By provider, by model, or by a configured model's name.
        ledger: An SQLite file's path, or any SQLAlchemy URL; empty where there is none.
        ledger_days: How long calls are kept in the ledger; 0 for ever.
        budgets: What may be spent a day and a month, in US dollars.
        file: Where all this was read; None where nothing is configured.
        given_tiers: Those of the command line, which no file overrides.
    """

    root: Path
    max_cost_usd: Decimal = Decimal(1)
    max_tokens: int = 512
    concurrency: int = 32
    cache: tuple[Path | str, ...] = (Path(DEFAULT_CACHE),)
    recordings: Path | None = None
    cache_ttl_days: float = 0.0
    cache_max_mb: float = 0.0
    timeout_seconds: float = 60.0
    attempts: int = 4
    transport: str = "auto"
    redact: tuple[str, ...] = ()
    keep_text: bool = False
    allowed_python: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    strategies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    file: Path | None = None
    tiers: Mapping[str, str] = field(default_factory=dict)
    given_tiers: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, ModelSettings] = field(default_factory=dict)
    prices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    limits: Mapping[str, FlowLimits] = field(default_factory=dict)
    shared_budget: str = ""
    ledger: str = DEFAULT_LEDGER
    ledger_days: int = 0
    family: Family = "run"
    budgets: Plan = field(default_factory=Plan)


def read_settings(root: Path, environment: Mapping[str, str]) -> Settings:
    """Return the settings of a project.

    Args:
        root: The folder that holds `pyproject.toml` or `llmcost.toml`.
        environment: `LLMCOST_*` variables override the file.

    Raises:
        SettingsError: If a file or a key is wrong, or both files have content.
    """
    table, file = _table(root)
    values = {key: read_key(f"[tool.llmcost] {key}", key, value) for key, value in table.items()}
    variables = {f"{VARIABLE_PREFIX}{key.upper()}": key for key in (_READERS.keys() | NOT_YET) - _TABLES}
    for variable in sorted(variables.keys() & environment.keys()):
        key = variables[variable]
        values[key] = read_key(variable, key, environment[variable])
    values |= placed(root, values)
    values["ledger"] = ledger_at(root, values)
    return Settings(root=root, file=file if table else None, **values)


def _table(root: Path) -> tuple[Mapping[str, Any], Path]:
    own = own_table(root / OWN_FILE, _toml(root / OWN_FILE))
    shared = _tool_table(root / "pyproject.toml", _toml(root / "pyproject.toml"))
    if own and shared:
        raise SettingsError(
            f"{root}: both llmcost.toml and [tool.llmcost] in pyproject.toml have content. Keep one of them.",
            key="llmcost.toml",
        )
    return (own, root / OWN_FILE) if own else (shared, root / "pyproject.toml")


def own_table(path: Path, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return our table of a `llmcost.toml`: all of it, also where it is written as for pyproject.toml.

    Raises:
        SettingsError: If what should be a table is none.
    """
    return _tool_table(path, document) if "tool" in document else document  # (the errors' own advice looks like that)


def _tool_table(path: Path, document: Mapping[str, Any]) -> Mapping[str, Any]:
    table = document
    for key in ("tool", "llmcost"):
        inner = table.get(key, {})
        if not isinstance(inner, Mapping):
            raise SettingsError(f"{path}: '{key}' is {inner!r}: a table is needed.", key=key)
        table = inner
    return table


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}", key=path.name) from error


def read_key(place: str, key: str, value: Any) -> Any:
    """Return the value of a key as it is used; *place* is where it stands, for messages.

    Raises:
        SettingsError: If there is no such key, or its value is wrong.
    """
    if key in NOT_YET:
        raise SettingsError(f"{place}: not supported yet. Remove it.", key=key)
    reader = _READERS.get(key)
    if reader is None:
        near = difflib.get_close_matches(key, _READERS, 1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise SettingsError(f"{place}: there is no such key.{hint}", key=key)
    try:
        return reader(value)
    except ValueError as error:
        # A table may hold a header with a secret in it, an address a password.
        shown = "" if isinstance(value, Mapping) or "@" in str(value) else f" = {value!r}"
        raise SettingsError(f"{place}{shown}: {error}.", key=key) from error


def usd(value: Any) -> Decimal:
    """Return an amount of US dollars, exact.

    Raises:
        ValueError: If it is not a finite number of 0 or more.
    """
    needed = "an amount of USD from 0 up is needed, as 0.50"
    if isinstance(value, str):
        if not _PLAIN_AMOUNT.fullmatch(value):
            raise ValueError(needed)
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(needed)
    return Decimal(str(value))


def _tiers(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(model, str) and model for model in value.values()):
        raise ValueError('a table of NAME = "model" is needed')
    return dict(value)


def _tables(value: Any) -> Mapping[str, Mapping[str, Any]]:
    if not isinstance(value, Mapping) or not all(isinstance(entry, Mapping) for entry in value.values()):
        raise ValueError("a table of tables is needed")
    return {name: dict(entry) for name, entry in value.items()}


def _models(value: Any) -> Mapping[str, ModelSettings]:
    return {name: _model(name, entry) for name, entry in _tables(value).items()}


def _model(name: str, entry: Mapping[str, Any]) -> ModelSettings:
    for key, stated in entry.items():
        if key not in _MODEL_TYPES:
            raise ValueError(f"[tool.llmcost.models.{name}] has {key!r}, known are {', '.join(_MODEL_TYPES)}")
        if not isinstance(stated, _MODEL_TYPES[key]):
            noun = "text" if _MODEL_TYPES[key] is str else "table"
            raise ValueError(f"[tool.llmcost.models.{name}] {key}: a {noun} is needed")
    if not entry.get("model"):
        raise ValueError(f"[tool.llmcost.models.{name}] has no 'model'")
    if not all(isinstance(header, str) for header in entry.get("headers", {}).values()):
        raise ValueError(f"[tool.llmcost.models.{name}] headers: texts are needed")
    return ModelSettings(**entry)


def _limits(value: Any) -> Mapping[str, FlowLimits]:
    found = {}
    for name, entry in _tables(value).items():
        try:
            found[name] = read_limits(entry)
        except ValueError as error:
            raise ValueError(f"[tool.llmcost.limits.{name}]: {error}") from error
    return found


def _defaults(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("a table of a suite's keys is needed")
    return dict(value)


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise ValueError('a list of names is needed, as ["my_app", "tests"]')
    return tuple(value)


_TABLES = {"budgets", "tiers", "models", "prices", "defaults", "strategies", "allowed_python", "limits", "redact"}
_PLAIN_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?")
_MODEL_TYPES = {"model": str, "api_base": str, "api_key_env": str, "headers": dict, "params": dict, "litellm": dict}

_READERS: Mapping[str, Callable[[Any], Any]] = {
    "max_cost_usd": usd,
    "max_tokens": number(1, whole=True),
    "concurrency": number(1, whole=True),
    "cache": read_places,
    "recordings": read_folder,
    "redact": read_patterns,
    "cache_ttl_days": number(0, whole=False),
    "cache_max_mb": number(0, whole=False),
    "timeout_seconds": number(0.001, whole=False),
    "attempts": number(1, whole=True),
    "transport": one_of("auto", "litellm"),
    "keep_text": boolean,
    "allowed_python": _names,
    "defaults": _defaults,
    "strategies": _tables,
    "tiers": _tiers,
    "models": _models,
    "prices": _tables,
    "limits": _limits,
    "shared_budget": read_address,
    "ledger": read_ledger,
    "ledger_days": number(0, whole=True),
    "family": one_of("run", "suite"),
    "budgets": read_plan,
}
