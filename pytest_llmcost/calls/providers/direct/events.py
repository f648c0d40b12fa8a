"""Server-sent events: a stream's bytes, cut into the data that its events carry (WHATWG HTML, section 9.2)."""

from __future__ import annotations

from collections.abc import Iterator


class EventReader:
    """Takes bytes as they come, gives the data of each event that they complete.

    The names of events are not looked at: the protocols repeat them in the data. Lines end
    as all servers end them, with a line feed; comments keep a connection open and say nothing.
    """

    def __init__(self) -> None:
        self._line: list[bytes] = []
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[str]:
        """Yield what *piece* completes; it is taken in only as far as this is iterated."""
        *ends, rest = piece.split(b"\n")
        for end in ends:
            line = b"".join((*self._line, end)).removesuffix(b"\r")
            self._line.clear()
            yield from self._ended(line)
        self._line.append(rest)

    def end(self) -> Iterator[str]:
        """Yield what is left where a stream ends without an empty line; it may be a part."""
        yield from self.feed(b"\n\n")

    def _ended(self, line: bytes) -> Iterator[str]:
        if line.startswith(b"data:"):
            self._data.append(line.removeprefix(b"data:").removeprefix(b" "))
        elif not line and self._data:
            data, self._data = b"\n".join(self._data), []
            yield data.decode()
