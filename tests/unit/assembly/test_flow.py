"""A process's share of what may be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llmcost.assembly.flow import shared
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.calls.flow.limits import FlowLimits


@pytest.mark.parametrize(("processes", "concurrency"), [(1, 32), (4, 8), (5, 6), (100, 1)])
def test_concurrency_is_divided_among_processes_and_each_may_make_one_call(processes: int, concurrency: int) -> None:
    assert shared(Settings(Path()), processes).concurrency == concurrency


def test_limits_are_divided_as_well() -> None:
    settings = Settings(Path(), limits={"openai": FlowLimits(64, 500, 1000)})
    assert shared(settings, 2).limits == {"openai": FlowLimits(32, 250, 500)}
