"""The asking side of an application: the project's models, within a budget, outside of any test."""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import shutil
import tempfile
import threading
from decimal import Decimal
from pathlib import Path

from pytest_llmcost.assembly.call_log import Logging
from pytest_llmcost.assembly.extensions.found import installed_extensions
from pytest_llmcost.assembly.root import find_root
from pytest_llmcost.assembly.run_ledger import ledger_of
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.settings import read_settings
from pytest_llmcost.calls.cache.cached import Mode

LOGGER = logging.getLogger("pytest_llmcost")


class Project:
    """What is configured in a folder, ready to be asked; nothing is opened before the first question.

    Args:
        root: Where the configuration is looked for, from there upwards; default: the working directory.
        budget_usd: What all questions together may cost; default: the configuration's `max_cost_usd`.
        mode: Of the cache: `live` leaves it alone, as an application does; `auto` answers from it what it can.

    Attributes:
        runner: Knows the models; it may ask when it is opened.

    Raises:
        SettingsError: If the configuration is wrong.
        ExtensionError: If an installed package adds what cannot be used.
    """

    def __init__(self, root: str | Path | None = None, *, budget_usd: float | None = None, mode: Mode = "live") -> None:
        settings = read_settings(find_root(Path.cwd() if root is None else Path(root)), os.environ)
        self._budget_usd = settings.max_cost_usd if budget_usd is None else Decimal(str(budget_usd))
        self._lock = threading.Lock()
        self._is_open = False
        folder = Path(tempfile.gettempdir()) / f"llmcost-{secrets.token_hex(8)}"
        self._account = folder / "account.sqlite"
        self.runner = Runner(
            settings,
            mode=mode,
            account=self._account,
            warn=LOGGER.warning,
            extensions=installed_extensions(),
            logging=Logging(ledger_of(settings)),
        )

    def opened(self) -> Runner:
        """Return what asks, its budget opened; closed when the program ends."""
        with self._lock:
            if not self._is_open:
                self._account.parent.mkdir(mode=0o700)
                self.runner.open_budgets(self._budget_usd, [])
                atexit.register(self.close)
                self._is_open = True
        return self.runner

    def close(self) -> None:
        """Free connections and files; what is still asked is cancelled. May be called again."""
        with self._lock:
            self.runner.close()
            shutil.rmtree(self._account.parent, ignore_errors=True)
            self._is_open = False
