"""What the processes of a run tell each other: its trials as they come, a line each, in one file that all append to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.reports.trial_line import trial_line, trial_of


class Exchange:
    """Tells trials, from any thread, and hears those of all processes; this one's are among them.

    A line is one write at the file's end, which a local file system never mixes with another's.

    Args:
        path: The file; its folder is there.

    Raises:
        OSError: If it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._writing = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._reading = path.open("rb", buffering=0)
        self._rest = b""

    def tell(self, trial: Trial) -> None:
        """Tell all processes of a trial, without its texts.

        Raises:
            OSError: If it could not be written whole.
        """
        line = json.dumps(trial_line(trial, keep_text=False), separators=(",", ":")).encode() + b"\n"
        if os.write(self._writing, line) < len(line):
            raise OSError(f"no more than a part of a line could be written to {self._reading.name}")

    def heard(self) -> Iterator[Trial]:
        """Yield the trials that were told since this was last asked.

        Raises:
            OSError: If the file cannot be read.
            ValueError: If a line in it is none.
        """
        *lines, self._rest = (self._rest + self._reading.read()).split(b"\n")
        yield from (trial_of(json.loads(line)) for line in lines)

    def close(self) -> None:
        """Free the file; it is the business of whoever made its folder to delete it. May be called again."""
        if not self._reading.closed:
            self._reading.close()
            os.close(self._writing)
