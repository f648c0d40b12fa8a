"""Packages that name themselves in the entry-point group; a broken one is told by name, never passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points

from pytest_llmcost.assembly.extensions.hookspecs import GROUP
from pytest_llmcost.domain.errors import ExtensionError

Named = tuple[str, object]
"""Who adds something, and the object that holds its hooks."""


def installed_plugins(is_left_out: Callable[[str], bool] = lambda name: False) -> Iterator[Named]:
    """Yield what the installed packages name, in the order of the names.

    Args:
        is_left_out: Whether the user wants to do without an entry point.

    Raises:
        ExtensionError: If one cannot be loaded.
    """
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        if not is_left_out(entry.name):
            yield _owner(entry), _loaded(entry)


def _owner(entry: EntryPoint) -> str:
    package = entry.dist.name if entry.dist else ""
    return entry.name if package in ("", entry.name) else f"{package} ({entry.name})"


def _loaded(entry: EntryPoint) -> object:
    try:
        return entry.load()
    except Exception as error:  # (importing runs anybody's code)
        raise ExtensionError(
            f"{_owner(entry)}: its entry point {entry.value!r} cannot be loaded: {type(error).__name__}: {error}\n"
            f"Install the package anew, uninstall it, or leave it out: pytest -p no:{entry.name}",
            owner=_owner(entry),
        ) from error
