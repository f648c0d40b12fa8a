"""docs/forecast.md: its configuration is one, and its commands run."""

from __future__ import annotations

import re
import time
from pathlib import Path

from pytest_llmcost.assembly.settings import read_settings
from pytest_llmcost.cli import main
from pytest_llmcost.costs.ledger.ledger import Ledger
from pytest_llmcost.domain.spending import Plan

PAGE = (Path(__file__).parents[4] / "docs" / "forecast.md").read_text("utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def test_its_configuration_and_commands_are_understood(tmp_path, monkeypatch):
    (configuration,) = blocks("toml")
    (tmp_path / "llmcost.toml").write_text(configuration, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_settings(tmp_path, {}).budgets == Plan(20.0, 400.0)
    (tmp_path / ".llmcost").mkdir()
    with Ledger(".llmcost/ledger.sqlite") as ledger:
        for back in range(30):
            ledger.record("m", cost_usd=1.0, timestamp=time.time() - back * 86_400)
    commands = blocks("sh")[0].splitlines()
    assert len(commands) == 4
    for command in commands:
        assert main(command.replace('"$ALERTS_URL"', "http://127.0.0.1:9/unused").split()[1:]) == 0, command
