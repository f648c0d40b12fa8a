"""Recorded answers: JSON Lines in a folder that people review and share through git; read, and never written by a run.

One line an answer, sorted by key: `{"key":"<SHA-256 of the request>","value":{...}}`. A line
as this version writes it is cut at fixed places and parsed only when it is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.calls.cache.codec import NOTE
from pytest_llmcost.calls.cache.upkeep.kept import CacheError, Kept
from pytest_llmcost.domain.avoided import RECORDINGS
from pytest_llmcost.domain.regular_file import read_regular
from pytest_llmcost.domain.whole_file import write_whole

FILE = "answers.jsonl"
"""What `llmcost cache export` writes; every other `*.jsonl` of the folder is read, too."""

_START, _MIDDLE = '{"key":"', '","value":'
_KEY = re.compile(rf"(?:{NOTE})?[0-9a-f]{{64}}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a recording.

    Attributes:
        place: `answers.jsonl:17`.
        key: Empty where it is no recorded answer; `fault` then says why.
        text: The answer, as the codec reads it.
    """

    place: str
    key: str
    text: str
    fault: str = ""


class RecordedStore:
    """A read-only `Store`: the recordings of a folder, read when the first is asked for.

    Of two answers to one request the one in the first file, by name, holds.

    Args:
        folder: Where the `*.jsonl` files lie.
        warn: Called with what is wrong with them, once a file.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._warn = warn
        self._texts: dict[str, str] | None = None

    def get(self, key: str) -> str | None:
        """Return the recorded text, or None."""
        if self._texts is None:
            self._texts = self._read()
        return self._texts.get(key)

    def set(self, key: str, text: str) -> None:
        """Refuse: a recording is under review."""
        raise TypeError(f"recordings in {self._folder} are only read")

    def close(self) -> None:
        """Forget what was read."""
        self._texts = None

    def _read(self) -> dict[str, str]:
        if not self._folder.is_dir():
            self._warn(
                f"recordings = {str(self._folder)!r}: there is no such folder, so that nothing is read from it.\n"
                f"Make it (llmcost cache export --to {self._folder}), or take the key away."
            )
            return {}
        found: dict[str, str] = {}
        for path in files_of(self._folder):
            try:
                lines = list(lines_of(path))
            except (OSError, ValueError) as error:
                self._warn(f"recordings {path} cannot be read: {error}.\nIts answers count as absent.")
                continue
            self._say_faults(path, [line for line in lines if line.fault])
            for line in lines:
                if line.key:
                    found.setdefault(line.key, line.text)
        return found

    def _say_faults(self, path: Path, faulty: list[Line]) -> None:
        if faulty:
            others = f", and {len(faulty) - 1} more lines" if len(faulty) > 1 else ""
            self._warn(
                f"recordings {path.parent / faulty[0].place}: {faulty[0].fault}{others}.\nThey count as absent; "
                "`llmcost cache verify` names them."
            )


@dataclass(frozen=True, slots=True)
class RecordedCache:
    """The recordings of a folder, for whoever looks after them; only read, as they are under review."""

    folder: Path

    @property
    def name(self) -> str:
        """What people know it by."""
        return self.folder.as_posix()

    @property
    def origin(self) -> str:
        """What its answers are counted as."""
        return RECORDINGS

    @property
    def size_bytes(self) -> int:
        """What its files take on disk."""
        return sum(path.stat().st_size for path in files_of(self.folder))

    def kept(self) -> Iterator[Kept]:
        """Yield every line, also one that is no recorded answer, with why and where.

        Raises:
            CacheError: If a file cannot be read.
        """
        for path in files_of(self.folder):
            try:
                yield from (
                    Kept(line.key or line.place, line.text, line.fault, place=line.place) for line in lines_of(path)
                )
            except (OSError, ValueError) as error:
                raise CacheError(f"recordings {path} cannot be read: {error}") from error

    def remove(self, kept: Iterable[Kept]) -> int:
        """Refuse: they are removed as they came, by a change that is reviewed."""
        raise CacheError(f"recordings in {self.folder} are under review: edit the files.")

    def set_aside(self, kept: Sequence[Kept]) -> str:
        """Refuse, as above."""
        raise CacheError(f"recordings in {self.folder} are under review: edit the files.")


def files_of(folder: Path) -> list[Path]:
    """Return the recordings of a folder, in order."""
    return sorted(folder.glob("*.jsonl"))


def lines_of(path: Path) -> Iterator[Line]:
    """Yield the lines of a recording, the wrong ones with what is wrong.

    Raises:
        OSError, ValueError: If it is no regular UTF-8 file of bounded size.
    """
    for number, line in enumerate(read_regular(path).split("\n"), 1):
        if line.strip():
            yield _line(f"{path.name}:{number}", line.rstrip("\r"))


def _line(place: str, line: str) -> Line:
    end = line.find(_MIDDLE, len(_START))
    key = line[len(_START) : end]
    if line.startswith(_START) and line.endswith("}}") and _KEY.fullmatch(key):
        return Line(place, key, line[end + len(_MIDDLE) : -1])
    return _edited(place, line)


def _edited(place: str, line: str) -> Line:
    """Read a line that this version does not write: edited by hand, or none at all."""
    if line.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||")):
        return Line(place, "", "", "a merge conflict is left here")
    try:
        row = json.loads(line)
        key, value = row["key"], row["value"]
        if not _KEY.fullmatch(key):
            return Line(place, "", "", f"key {key!r:.40} is no request's")
        return Line(place, key, json.dumps(value, separators=(",", ":")))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return Line(place, "", "", f"this is no recorded answer ({type(error).__name__}: {error!s:.80})")


def write_recording(folder: Path, texts: Iterable[tuple[str, str]]) -> None:
    """Write `answers.jsonl` whole: keys and texts of the codec, sorted by key.

    Raises:
        OSError: If it cannot be written; what was there before is whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = (f"{_START}{key}{_MIDDLE}{text}}}\n".encode("ascii") for key, text in sorted(texts))
    write_whole(folder / FILE, lines)
