"""Which of pytest's plugins add something: those that every process knows before it collects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_llmcost.assembly.extensions.added import Extensions
from pytest_llmcost.assembly.extensions.found import find_extensions, hooks_of
from pytest_llmcost.assembly.extensions.installed import Named, installed_plugins
from pytest_llmcost.domain.errors import ExtensionError


def extensions_of(config: pytest.Config) -> Extensions:
    """Return what packages, plugins of pytest and the rootdir's conftest.py add.

    Raises:
        ExtensionError: If something that is added cannot be used.
    """
    return find_extensions([*_of_pytest(config), *installed_plugins(config.pluginmanager.is_blocked)])


def _of_pytest(config: pytest.Config) -> Iterator[Named]:
    for name, plugin in config.pluginmanager.list_name_plugin():
        if plugin is not None and hooks_of(plugin):
            yield _owner(config, name, plugin), plugin


def _owner(config: pytest.Config, name: str, plugin: object) -> str:
    file = Path(getattr(plugin, "__file__", None) or "")
    if file.name != "conftest.py":
        return name
    if file.parent != config.rootpath:
        raise misplaced(config, plugin)
    return file.name


def misplaced(config: pytest.Config, plugin: object) -> ExtensionError:
    """Return what is to be said of hooks that other processes, or suites read earlier, would not see."""
    file = Path(getattr(plugin, "__file__", None) or str(plugin))
    owner = str(file.relative_to(config.rootpath)) if file.is_relative_to(config.rootpath) else str(file)
    return ExtensionError(
        f"{owner}: {', '.join(hooks_of(plugin))} cannot stand here: what is added holds for the whole run.\n"
        "Move it to the conftest.py of the rootdir, to a plugin (-p), or to a package with an entry point.",
        owner=owner,
    )
