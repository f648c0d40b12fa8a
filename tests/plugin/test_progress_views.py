"""The line on a terminal goes before pytest's text reaches it, and no sooner."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from pytest_llmcost.plugin.progress_views import LiveLine
from pytest_llmcost.reports.progress import Standing

ERASED = "\x1b[J"
END = b"<end>"
STANDING = Standing(done=1, total=8)


class Terminal:
    """Pytest's writer on a terminal of twenty columns, and what arrives there."""

    def __init__(self) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 9, 20, 0, 0))
        self._file = os.fdopen(theirs, "w", buffering=1)
        self.writer = pytest_writer(self._file)

    def write(self, text: str) -> None:
        """Write as pytest does."""
        self.writer.write(text, flush=True)

    def sent(self) -> str:
        """Return what arrived since the last time."""
        os.write(self._file.fileno(), END)  # a terminal delivers in order, but not at once
        received = b""
        while not received.endswith(END):
            received += os.read(self._ours, 65536)
        return received.removesuffix(END).decode()

    def hang_up(self) -> None:
        """Take the terminal away."""
        os.close(self._ours)
        self._ours = -1

    def close(self) -> None:
        """Free it."""
        self._file.close()
        if self._ours >= 0:
            self.hang_up()


def pytest_writer(file: Any) -> Any:
    """Return the writer that pytest's terminal reporter has."""
    from _pytest._io import TerminalWriter

    return TerminalWriter(file)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    opened = Terminal()
    yield opened
    opened.close()


@pytest.fixture
def line(terminal: Terminal) -> Iterator[LiveLine]:
    """A line that is shown, below the word `mail`."""
    terminal.write("mail ")
    opened = LiveLine(terminal.writer)
    opened.show(STANDING)
    assert terminal.sent() == "mail \x1bD\x1b[A\x1b7\x1bD\rasking 1/8 calls\x1b[K\x1b8"
    yield opened
    with suppress(OSError):
        opened.close()


@pytest.mark.usefixtures("line")
def test_dots_leave_the_line_where_it_is(terminal: Terminal) -> None:
    for _ in range(14):
        terminal.write(".")
    assert terminal.sent() == 14 * "."


@pytest.mark.usefixtures("line")
def test_a_dot_that_comes_to_the_right_edge_takes_the_line_away(terminal: Terminal) -> None:
    terminal.write(14 * ".")
    terminal.write(".")
    assert terminal.sent() == 14 * "." + ERASED + "."


@pytest.mark.usefixtures("line")
@pytest.mark.parametrize("write", ["write", "write_raw"])
def test_a_line_break_takes_the_line_away_once(terminal: Terminal, write: str) -> None:
    getattr(terminal.writer, write)("\n", flush=True)
    getattr(terminal.writer, write)("\n", flush=True)
    assert terminal.sent() == ERASED + "\r\n\r\n"


def test_from_over_the_edge_nothing_is_drawn(terminal: Terminal, line: LiveLine) -> None:
    terminal.write(15 * ".")
    terminal.sent()
    line.show(STANDING)
    assert terminal.sent() == ""


def test_at_the_end_pytest_has_its_file_back_and_the_line_is_gone(terminal: Terminal) -> None:
    before = terminal.writer._file
    line = LiveLine(terminal.writer)
    line.show(STANDING)
    terminal.sent()
    line.close()
    assert terminal.sent() == ERASED
    assert terminal.writer._file is before


def test_f16_the_first_to_meet_a_lost_terminal_is_not_us(terminal: Terminal, line: LiveLine) -> None:
    terminal.hang_up()
    with pytest.raises(OSError, match="Input/output"):
        line.show(STANDING)
    line._before("\n")  # pytest's own write comes next, and is its own business
