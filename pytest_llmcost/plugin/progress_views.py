"""Where a run's progress is shown: on the row below pytest's own on a terminal, in lines of a log elsewhere."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any, Protocol

import pytest

from pytest_llmcost.reports.progress import Standing, progress_line

REDRAW_SECONDS = 0.1
LOG_SECONDS = 30.0
"""A run that is over sooner leaves no line in a log."""

# VT100: down a row and up again, which scrolls where there is none; remember the place; down, and to the row's start.
_TO_ROW_BELOW = "\x1bD\x1b[A\x1b7\x1bD\r"
_BACK = "\x1b[K\x1b8"
_ERASE_BELOW = "\x1b[J"


class View(Protocol):
    """Shows where a run stands; OSError or ValueError from it mean that nobody can see it any more.

    Attributes:
        every_seconds: How often, at most.
    """

    every_seconds: float

    @property
    def is_shown(self) -> bool:
        """Whether what was shown last still stands there."""
        ...

    def show(self, standing: Standing) -> None:
        """Show this in place of, or after, what was shown before."""
        ...

    def erase(self) -> None:
        """Take away what would be in the way of what others write."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was found."""
        ...


def view_of(config: pytest.Config) -> View | None:
    """Return where to show progress, or None where nobody wants it or nobody is there to see."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None or config.get_verbosity() < 0:
        return None
    writer = config.get_terminal_writer()
    # A CI's log may pass for a terminal; escape sequences are noise in it.
    is_drawable = os.environ.get("TERM", "dumb") != "dumb" and not any(map(os.environ.get, ("CI", "BUILD_NUMBER")))
    # The writer's file is private to pytest (seen in 9): where it is not found, plain lines will do.
    if terminal.isatty() and is_drawable and hasattr(writer, "_file"):
        return LiveLine(writer)
    return LogLines(config, terminal)


class LiveLine:
    """One line on the row below pytest's cursor, which comes back to where it was.

    So pytest goes on writing as if nothing stood there, and erasing needs no position: all
    below the cursor goes. It goes before pytest's text reaches that row. Drawing has a
    descriptor of its own, since while a test runs pytest's is captured.
    """

    def __init__(self, writer: Any) -> None:
        self.every_seconds = REDRAW_SECONDS
        self.is_shown = False
        self._writer = writer
        self._file = writer._file
        self._terminal = os.dup(self._file.fileno())
        self._lock = threading.Lock()  # live logs are written by the thread that logs
        writer._file = _Watched(self._file, self._before)

    def show(self, standing: Standing) -> None:
        """Draw the line, unless pytest's cursor hangs over the right edge, from where there is no exact way back."""
        columns = self._columns()
        width = self._writer.width_of_current_line
        if width and width % columns == 0:
            return
        with self._lock:
            self._write(_TO_ROW_BELOW + progress_line(standing, columns - 1) + _BACK)
            self.is_shown = True

    def erase(self) -> None:
        """Clear everything below pytest's cursor."""
        with self._lock:
            if self.is_shown:
                self.is_shown = False
                self._write(_ERASE_BELOW)

    def close(self) -> None:
        """Give pytest its own file back."""
        self._writer._file = self._file
        try:
            self.erase()
        finally:
            os.close(self._terminal)

    def _before(self, text: str) -> None:
        if self.is_shown:
            with suppress(OSError):  # pytest will find out itself that its terminal is gone
                if self._reaches_below(text):
                    self.erase()

    def _reaches_below(self, text: str) -> bool:
        # The writer has counted *text* in already; what its escape sequences add only errs on the safe side.
        is_wrapped = self._writer.width_of_current_line % self._columns() < len(text)
        return is_wrapped or "\n" in text  # of raw text it counts nothing

    def _columns(self) -> int:
        return os.get_terminal_size(self._terminal).columns or 80  # a terminal may not know its size

    def _write(self, text: str) -> None:
        os.write(self._terminal, text.encode("ascii"))


class _Watched:
    """A file that tells what is about to be written to it."""

    def __init__(self, file: Any, before: Callable[[str], None]) -> None:
        self._file = file
        self._before = before

    def write(self, text: str) -> int:
        self._before(text)
        return int(self._file.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class LogLines:
    """A plain line now and then, after which pytest's own goes on where it was broken off."""

    is_shown = True

    def __init__(self, config: pytest.Config, terminal: pytest.TerminalReporter) -> None:
        self.every_seconds = LOG_SECONDS
        self._config = config
        self._terminal = terminal

    def show(self, standing: Standing) -> None:
        """Write one line, and what stood in pytest's line before its results."""
        writer = self._config.get_terminal_writer()
        opened = self._terminal.currentfspath
        line_end = "\n" if writer.width_of_current_line else ""
        prefix = ""
        if isinstance(opened, Path):
            prefix = os.path.relpath(opened, self._terminal.startpath) + " "
        elif isinstance(opened, str):
            prefix = opened
        else:
            self._terminal.currentfspath = None
        capture = self._config.pluginmanager.get_plugin("capturemanager")
        with nullcontext() if capture is None else capture.global_and_fixture_disabled():
            writer.write(f"{line_end}llmcost: {progress_line(standing)}\n{prefix}", flush=True)

    def erase(self) -> None:
        """Keep it: a log is written once."""

    def close(self) -> None:
        """There is nothing to leave."""
