"""What every test may use: pytest's own test bed, and a project that asks a stub server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes.project import Project
from fakes.stub_server import StubServer, by_keyword

pytest_plugins = ["pytester"]


@pytest.fixture
def server() -> Iterator[StubServer]:
    """A model on 127.0.0.1 that sorts shop mail by keyword."""
    with StubServer(by_keyword({"order": "shop", "refund": "shop"}, otherwise="other")) as stub:
        yield stub


@pytest.fixture
def project(pytester: pytest.Pytester, server: StubServer, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project whose model `ours` is the stub server, at a price of its own."""
    monkeypatch.setenv("OUR_KEY", "sk-test-canary-4711")
    for name in ("PYTEST_ADDOPTS", "CI"):
        monkeypatch.delenv(name, raising=False)
    return Project(pytester, server)
