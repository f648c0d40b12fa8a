"""Runs of the plugin in this process share one import of the heavy libraries: pytester would forget it after each."""

from __future__ import annotations

import importlib
import pkgutil

import pytest_llmcost


def keep_modules() -> None:
    """Import everything that a run may need, so that pytester finds it there and leaves it there."""
    from pytest_llmcost.calls.providers.remote.library import load_litellm

    load_litellm()
    for name in ("diskcache", "jinja2", "scipy.special", "tabulate", "yaml"):
        importlib.import_module(name)
    for module in pkgutil.walk_packages(pytest_llmcost.__path__, "pytest_llmcost."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
