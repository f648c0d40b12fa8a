"""Runs of the plugin, one after another in this process."""

from __future__ import annotations

import pytest
from fakes.modules import keep_modules


@pytest.fixture(scope="session", autouse=True)
def _modules_that_stay() -> None:
    keep_modules()
