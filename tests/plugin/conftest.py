"""Runs of the plugin share one import of the heavy libraries: pytester would forget it after each run."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import pytest_llmcost
from pytest_llmcost.calls.providers.remote.library import load_litellm


@pytest.fixture(scope="session", autouse=True)
def _modules_that_stay() -> None:
    load_litellm()
    for name in ("diskcache", "jinja2", "scipy.special", "tabulate", "yaml"):
        importlib.import_module(name)
    for module in pkgutil.walk_packages(pytest_llmcost.__path__, "pytest_llmcost."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
