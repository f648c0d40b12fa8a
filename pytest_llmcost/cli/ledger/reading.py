"""The ledger of the project that one stands in, for the commands that read it."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llmcost.cli.project import find_root

if TYPE_CHECKING:
    from pytest_llmcost.assembly.settings import Settings
    from pytest_llmcost.costs.outlook import Outlook
    from pytest_llmcost.domain.spending import Spend


@dataclass(frozen=True, slots=True)
class Read:
    """What a command works on."""

    settings: Settings
    spends: list[Spend]
    outlook: Outlook


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add which ledger, and whose days."""
    parser.add_argument("--zone", "--tz", metavar="ZONE", help="whose days, as Europe/Berlin (default: this machine's)")
    parser.add_argument("--ledger", metavar="URL|PATH", help="which ledger (default: the configuration's)")


def read(arguments: argparse.Namespace) -> Read:
    """Return the project's settings and spend.

    Raises:
        SettingsError, LedgerError: If there is no ledger, or it cannot be read.
    """
    from pytest_llmcost.assembly.settings import read_settings
    from pytest_llmcost.assembly.spending import read_spending
    from pytest_llmcost.assembly.zone import zone_of
    from pytest_llmcost.costs.outlook import outlook

    settings = read_settings(find_root(Path.cwd()), os.environ)
    spending = read_spending(settings, arguments.ledger, zone_of(arguments.zone, os.environ), datetime.now(UTC))
    return Read(settings, spending.spends, outlook(spending.spends, spending.today))
