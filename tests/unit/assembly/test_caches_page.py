"""docs/caches.md, held to what it says: its configuration is read, its commands exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from pytest_llmcost.assembly.caches import places_text
from pytest_llmcost.assembly.settings import read_settings
from pytest_llmcost.cli import _parser

PAGE = (Path(__file__).parents[3] / "docs" / "caches.md").read_text("utf-8")
(CONFIGURATION,) = re.findall(r"^<!-- file: llmcost.toml -->\n```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^llmcost (cache [^#\n]*)", PAGE, re.MULTILINE)


def test_the_pages_configuration_is_read(tmp_path: Path) -> None:
    (tmp_path / "llmcost.toml").write_text(CONFIGURATION)
    settings = read_settings(tmp_path, {})
    assert places_text(settings) == "recorded, .llmcost/cache, redis 127.0.0.1:6379"
    assert (settings.cache_ttl_days, settings.cache_max_mb) == (0, 0)
    address = "rediss://:pw@cache.example.com:6379/0"
    assert "pw" not in places_text(read_settings(tmp_path, {"LLMCOST_CACHE": address}))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_pages_commands_are_there(command: str) -> None:
    assert _parser().parse_args(shlex.split(command)).run
