"""From plugins to what they add: every name has one owner, and everything has the form that its hook asks for."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pluggy

from pytest_llmcost.assembly.extensions import hookspecs
from pytest_llmcost.assembly.extensions.added import Extensions
from pytest_llmcost.assembly.extensions.forms import BY_NAME, Form
from pytest_llmcost.assembly.extensions.installed import Named, installed_plugins
from pytest_llmcost.domain.errors import ExtensionError

PREFIX = "llmcost_"
HOOKS = tuple(name for name in vars(hookspecs) if name.startswith(PREFIX))


def hooks_of(plugin: object) -> list[str]:
    """Return the names of a plugin's functions under our prefix, known or not."""
    names = [name for name in dir(plugin) if name.startswith(PREFIX)]
    return [name for name in names if inspect.isroutine(getattr(plugin, name, None))]


def find_extensions(plugins: Iterable[Named]) -> Extensions:
    """Return what *plugins* add.

    Raises:
        ExtensionError: If a hook is unknown, raises, or returns another form; or if a name is added twice.
    """
    hooks = _Hooks(hookspecs.GROUP)
    hooks.add_hookspecs(hookspecs)
    for owner, plugin in plugins:
        _register(hooks, owner, plugin)
    added = {hook: _Added(hooks, hook, form) for hook, form in BY_NAME.items()}
    prices = added["llmcost_prices"]
    report = hooks.hook.llmcost_report
    names = tuple(inspect.signature(hookspecs.llmcost_report).parameters)
    reports = [(impl.plugin_name, _bound(impl, names)) for impl in report.get_hookimpls()]
    said = [line for each in added.values() for line in each.said()]
    return Extensions(
        added["llmcost_scorers"].things,
        added["llmcost_providers"].things,
        {model: replace(price, source=prices.owners[model]) for model, price in prices.things.items()},
        added["llmcost_strategies"].things,
        reports,
        [*said, *(f"a report, by {owner}" for owner, _ in reports)],
    )


def installed_extensions() -> Extensions:
    """Return what installed packages add: all that the `llmcost` command sees, as there is no pytest to load the rest.

    Raises:
        ExtensionError: As `find_extensions`, or if a package cannot be loaded.
    """
    return find_extensions(installed_plugins())


class _Hooks(pluggy.PluginManager):
    """Takes every function under our prefix for a hook, without a mark: who adds one need not import this package."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        if not name.startswith(PREFIX):
            return None
        marked = super().parse_hookimpl_opts(plugin, name)
        if marked is not None or not inspect.isroutine(getattr(plugin, name, None)):
            return marked
        return {
            "wrapper": False,
            "hookwrapper": False,
            "optionalhook": False,
            "tryfirst": False,
            "trylast": False,
            "specname": None,
        }


def _register(hooks: _Hooks, owner: str, plugin: object) -> None:
    if hooks.is_registered(plugin):
        return  # a plugin of pytest and a package's entry point at once
    for name in hooks_of(plugin):
        if name not in HOOKS:
            near = difflib.get_close_matches(name, HOOKS, 1, cutoff=0.85)
            advice = f"Did you mean {near[0]}?" if near else f"There are {', '.join(HOOKS)}."
            raise ExtensionError(f"{owner}: there is no hook {name}. {advice}", owner=owner)
    try:
        hooks.register(plugin, owner)
    except (ValueError, pluggy.PluginValidationError) as error:
        raise ExtensionError(
            f"{owner}: its hooks cannot be used: {' '.join(str(error).split())}", owner=owner
        ) from error


def _bound(impl: pluggy.HookImpl, names: Sequence[str] = ()) -> Callable[..., Any]:
    """Return a hook's function, to be called with the arguments of these *names*: it gets those that it has."""

    def call(*values: Any) -> Any:
        given = dict(zip(names, values, strict=True))
        return impl.function(*(given[name] for name in impl.argnames))

    return call


class _Added:
    """What one hook adds, over all plugins."""

    def __init__(self, hooks: _Hooks, hook: str, form: Form) -> None:
        self.things: dict[str, Any] = {}
        self.owners: dict[str, str] = {}
        self._hook = hook
        self._form = form
        for impl in getattr(hooks.hook, hook).get_hookimpls():
            for name, thing in self._returned(impl):
                self._add(impl.plugin_name, name, thing)

    def said(self) -> Iterator[str]:
        """Yield a line on each thing."""
        yield from (f"{self._form.noun} {name}, by {owner}" for name, owner in self.owners.items())

    def _returned(self, impl: pluggy.HookImpl) -> list[tuple[Any, Any]]:
        try:
            returned = _bound(impl)()
        except Exception as error:  # (anybody's code; its owner is what a reader needs)
            raise self._wrong(impl.plugin_name, f"raised {type(error).__name__}: {error}") from error
        if not isinstance(returned, Mapping):
            raise self._wrong(impl.plugin_name, f"returned {returned!r}: a mapping by name is needed")
        return list(returned.items())

    def _add(self, owner: str, name: Any, thing: Any) -> None:
        noun = self._form.noun
        if not isinstance(name, str) or not self._form.name.fullmatch(name):
            raise self._wrong(owner, f"names a {noun} {name!r}, which is no name")
        other = "pytest-llmcost itself" if self._form.taken(name) else self.owners.get(name)
        if other is not None:
            raise ExtensionError(
                f"{noun} {name!r} is added by {owner}, and by {other}. Give it another name in {owner},\n"
                "or do without one of the two: uninstall it, or leave it out with pytest -p no:NAME",
                owner=owner,
            )
        try:
            self.things[name] = self._form.check(name, thing)
        except ValueError as error:
            raise self._wrong(owner, f"{noun} {name!r}: {error}") from error
        self.owners[name] = owner

    def _wrong(self, owner: str, what: str) -> ExtensionError:
        return ExtensionError(f"{owner}: {self._hook}: {what}. Mend it there, or leave {owner} out.", owner=owner)
