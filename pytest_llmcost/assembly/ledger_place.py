"""Where the ledger is, as the configuration says it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

DEFAULT_LEDGER = ".llmcost/ledger.sqlite"


def read_ledger(value: Any) -> str:
    """Return a file's path or a database's URL; nothing where nothing is to be logged.

    Raises:
        ValueError: If it is neither.
    """
    if not isinstance(value, str) or value != value.strip():
        raise ValueError("a file's path, a database's URL, or nothing is needed")
    return value


def ledger_at(root: Path, values: Mapping[str, Any]) -> str:
    """Return the ledger of a configuration; the path of a file starts at *root*."""
    ledger = str(values.get("ledger", DEFAULT_LEDGER))
    return str(root / ledger) if ledger and "://" not in ledger else ledger
