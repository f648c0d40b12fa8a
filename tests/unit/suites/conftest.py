"""Reading a suite from a text, and asking what is wrong with one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.suites.project import Configured
from pytest_llmcost.suites.read import read_suite

Read = Callable[..., Suite]
Mistakes = Callable[..., list[str]]

TIERS = ("cheap", "mid", "frontier")


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a text as the suite `bench_it.yaml`, with the tiers cheap, mid and frontier.

    `defaults` and `strategies` are what the configuration says.
    """

    def read(text: str | bytes, name: str = "bench_it.yaml", **options) -> Suite:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        said = {key: options.pop(key) for key in ("defaults", "strategies") if key in options}
        configured = [Configured("pyproject.toml", **said)]
        return read_suite(path, root=tmp_path, **{"models": TIERS, "configured": configured, **options})

    return read


@pytest.fixture
def mistakes(read: Read) -> Mistakes:
    """Return the mistakes in a text as `line:column: message`, none for a good suite."""

    def mistakes(text: str | bytes, **options) -> list[str]:
        try:
            read(text, **options)
        except SuiteError as error:
            return [str(problem).removeprefix(f"{error.path}:") for problem in error.problems]
        return []

    return mistakes
