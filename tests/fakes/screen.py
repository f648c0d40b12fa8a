"""A terminal, as far as pytest and we use one: what it was sent is replayed, and looked at at every moment.

It is a strict one: where real terminals differ (a cursor that hangs over the right edge), it takes
the worst of them, so that what looks right here looks right there.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PIECE = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|\x1b\].*?\x1b\\|\x1b([D78])|([\r\n])|([^\x1b])", re.DOTALL)


class Screen:
    """Rows of cells below a scrolled-off past."""

    def __init__(self, columns: int, rows: int) -> None:
        self._columns = columns
        self._past: list[str] = []
        self._cells = [[" "] * columns for _ in range(rows)]
        self._row = self._column = 0
        self._is_hanging = False
        self._saved = (0, 0)

    @property
    def row(self) -> int:
        """The cursor's row."""
        return self._row

    @property
    def rows(self) -> list[str]:
        """What stands on the screen."""
        return ["".join(cells).rstrip() for cells in self._cells]

    @property
    def text(self) -> str:
        """Everything, the scrolled-off past included."""
        return "\n".join([*self._past, *self.rows]).rstrip()

    def feed(self, text: str) -> Iterator[str]:
        """Take *text*, and yield what was taken in after each of its pieces."""
        at = 0
        for piece in _PIECE.finditer(text):
            assert piece.start() == at, f"an escape sequence that is not known here: {text[at : piece.start() + 9]!r}"
            at = piece.end()
            numbers, final, short, line, char = piece.groups()
            if final:
                self._control(final, numbers)
            elif short:
                self._short(short)
            elif line:
                self._break(line)
            elif char:
                self._put(char)
            yield piece[0]
        assert at == len(text)

    def _put(self, char: str) -> None:
        if self._is_hanging:
            self._break("\r")
            self._break("\n")
        self._cells[self._row][self._column] = char
        self._is_hanging = self._column == self._columns - 1
        self._column = min(self._column + 1, self._columns - 1)

    def _break(self, char: str) -> None:
        self._is_hanging = False
        if char == "\r":
            self._column = 0
        elif self._row < len(self._cells) - 1:
            self._row += 1
        else:
            self._past.append(self.rows[0])
            self._cells = [*self._cells[1:], [" "] * self._columns]

    def _short(self, letter: str) -> None:
        if letter == "D":
            self._break("\n")
        elif letter == "7":
            self._saved = (self._row, self._column)
        else:
            (self._row, self._column), self._is_hanging = self._saved, False

    def _control(self, final: str, numbers: str) -> None:
        blank = " " * self._columns
        if final == "A":
            self._row, self._is_hanging = max(self._row - int(numbers or 1), 0), False
        elif final in "JK":
            assert not numbers
            self._cells[self._row][self._column :] = blank[self._column :]
            if final == "J":
                self._cells[self._row + 1 :] = [list(blank) for _ in self._cells[self._row + 1 :]]
        else:
            assert final == "m", f"a control sequence that is not known here: {final}"


@dataclass(frozen=True)
class Shown:
    """What a program sent to a terminal, and how it ended."""

    sent: str
    status: int
    columns: int
    rows: int

    def text(self, *, without: str = "") -> str:
        """Return everything that is legible at the end, as if what matches the pattern *without* were never sent."""
        screen = Screen(self.columns, self.rows)
        for _ in screen.feed(re.sub(without, "", self.sent) if without else self.sent):
            pass
        return screen.text

    def moments(self) -> Iterator[Screen]:
        """Yield the screen, one and the same, after each piece but those that are sent while the cursor is away."""
        screen, is_away = Screen(self.columns, self.rows), False
        for piece in screen.feed(self.sent):
            is_away = piece != "\x1b8" and (is_away or piece == "\x1bD")
            if not is_away:
                yield screen


def run_on_terminal(folder: Path, *args: str, columns: int = 80, rows: int = 24, **env: str) -> Shown:
    """Run Python with *args* in *folder* on a terminal of its own, to its end."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = os.environ | {"TERM": "xterm", "PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path])} | env
    program = subprocess.Popen(
        [sys.executable, *args], cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    try:
        sent = b"".join(_received(ours))
        return Shown(sent.decode(), program.wait(60), columns, rows)
    finally:
        os.close(ours)
        program.kill()


def _received(terminal: int) -> Iterator[bytes]:
    try:
        while piece := os.read(terminal, 65536):
            yield piece
    except OSError:  # how Linux says that the other side is closed
        return
