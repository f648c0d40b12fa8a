"""What every test may use: pytest's own test bed, and a project that asks a stub server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes.imports import import_all
from fakes.project import Project
from fakes.stub_server import StubServer, by_keyword
from hypothesis import HealthCheck, settings

from pytest_llmcost.assembly.base.target import VARIABLES
from pytest_llmcost.calls.providers.remote.library import load_litellm

GITHUB = ("GITHUB_REF", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE")

pytest_plugins = ["pytester"]

# No test measures time: machines are noisy, and a law that takes long there is no less a law.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture
def server() -> Iterator[StubServer]:
    """A model on 127.0.0.1 that sorts shop mail by keyword."""
    with StubServer(by_keyword({"order": "shop", "refund": "shop"}, otherwise="other")) as stub:
        yield stub


@pytest.fixture(scope="session")
def modules_that_stay() -> None:
    """Let runs of the plugin share one import of the heavy libraries: pytester would forget it after each run."""
    load_litellm()
    import_all()


@pytest.fixture
def project(
    modules_that_stay: None, pytester: pytest.Pytester, server: StubServer, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """An empty project whose model `ours` is the stub server, at a price of its own."""
    monkeypatch.setenv("OUR_KEY", "sk-test-canary-4711")
    for name in ("PYTEST_ADDOPTS", "CI", *GITHUB, *VARIABLES):
        monkeypatch.delenv(name, raising=False)
    return Project(pytester, server)
