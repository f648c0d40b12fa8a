"""How far a download is: a bar that is rewritten on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TextIO

BAR = 30


class ProgressLine:
    """Shows one file after another as it grows; leaves a terminal's line clean behind it."""

    def __init__(self, label: str, stream: TextIO) -> None:
        self._label = label
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._tenth = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._is_terminal:
            self._write("\r\x1b[K")

    def show(self, done: int, total: int) -> None:
        """Show *done* bytes of *total*."""
        share = done / total if total else 1.0
        if self._is_terminal:
            bar = "#" * round(BAR * share)
            self._write(f"\r{self._label} [{bar:{BAR}}] {100 * share:3.0f} % of {megabytes(total)}\x1b[K")
        elif (tenth := int(10 * share)) != self._tenth:
            self._tenth = tenth
            self._write(f"{self._label}: {10 * tenth} % of {megabytes(total)}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def megabytes(count: int) -> str:
    """Return a number of bytes as people read it."""
    return f"{count / 1e6:.1f} MB"
