"""Whoever reads the output may go away: the run goes on, with the same verdict in JUnit, run file and exit status."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

import pytest


def stand_in() -> None:
    """Put something in the place of standard streams that are closed (`>&-`): pytest cannot start without."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (open as long as the process)


def survive_its_end(config: pytest.Config) -> None:
    """Let the terminal's reporter write on when its output breaks: a pipe whose reader ended, a disk that is full."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    # pytest's own and private (`_tw._file`, seen in 9.2): where they are not found, a broken pipe ends the run as ever.
    writer = getattr(terminal, "_tw", None)
    if isinstance(getattr(writer, "_file", None), _Lasting):
        return
    if writer is not None and hasattr(writer, "_file"):
        writer._file = _Lasting(writer._file)


class _Lasting:
    """A text file that takes whatever is written, also when there is nowhere left to put it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        try:
            return self._file.write(text)
        except OSError:
            self._discard()
            return len(text)

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError:
            self._discard()

    def _discard(self) -> None:
        # What is still in the file's buffer has to go somewhere, or the interpreter fails at its end.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._file.fileno())
        os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
