"""Everything that a run may need, imported once: by tests that share a process, and by one that forks."""

from __future__ import annotations

import importlib
import pkgutil

import pytest_llmcost

HEAVY = ("aiohttp", "diskcache", "jinja2", "numpy", "scipy.special", "tabulate", "yaml")


def import_all() -> None:
    """Import the plugin whole, and the heavy libraries that it uses, but for litellm."""
    for name in HEAVY:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(pytest_llmcost.__path__, "pytest_llmcost."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
