"""Where records wait for the database: one file a batch, written whole, and deleted once it is in the ledger.

A file that is brought twice counts once, so that nobody has to lock anything.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from pytest_llmcost.costs.ledger.records import Entry, checked
from pytest_llmcost.domain.errors import LlmCostError

_SUFFIX = ".v1.jsonl"
"""What this version writes and reads: a newer one's files are left to it."""


class SpoolFault(LlmCostError):
    """A spooled file is damaged."""


class Spool:
    """A folder of batches, for its owner alone; any number of processes may write to it, and empty it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, entries: Sequence[Entry]) -> None:
        """Keep a batch.

        Raises:
            OSError: If it cannot be written.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        part = self.folder / f"{name}.part"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "w", encoding="ascii") as file:
                file.writelines(f"{json.dumps(entry)}\n" for entry in entries)
            part.rename(self.folder / f"{name}{_SUFFIX}")
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def waiting(self) -> list[Path]:
        """Return the batches, the oldest first."""
        return sorted(self.folder.glob(f"*{_SUFFIX}"))

    def read(self, path: Path) -> list[Entry]:
        """Return a batch.

        Raises:
            SpoolFault: If it is damaged.
            FileNotFoundError: If another process has stored it meanwhile.
            OSError: If it cannot be read.
        """
        try:
            return [checked(*json.loads(row)) for row in path.read_text(encoding="ascii").splitlines()]
        except (ValueError, TypeError, RecursionError) as error:
            raise SpoolFault(f"{path} cannot be read ({error}).") from error

    def drop(self, path: Path) -> None:
        """Delete a batch that is stored."""
        path.unlink(missing_ok=True)

    def set_aside(self, path: Path) -> Path:
        """Rename a damaged batch, and return where it is now."""
        aside = path.with_suffix(".damaged")
        with contextlib.suppress(FileNotFoundError):  # another process has just done so
            path.replace(aside)
        return aside


def spool_of(url: str, folder: Path = Path()) -> Path:
    """Return where records of a ledger wait: beside its file, or, of a server's, in `.llmcost` below *folder*."""
    path = url.removeprefix("sqlite:///")
    if "://" not in path:
        return Path(f"{path}.spool")
    return folder / ".llmcost" / f"ledger-{hashlib.sha256(url.encode()).hexdigest()[:12]}.spool"
