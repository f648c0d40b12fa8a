"""A file is regular, UTF-8, of bounded size and below the root directory, or it is not read."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pytest_llmcost.domain.regular_file import RefusedFile, TooLarge, check_size, opened_regular

MOST_BYTES = 64 * 1024 * 1024
_BOMS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class Unreadable(Exception):
    """A file cannot be read; `line` and `column` are the place in it, from 1, or 0 where it is the file itself."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def identity_of(path: Path, root: Path) -> str:
    """Return *path* below *root* with forward slashes; as given where it is not below it."""
    absolute, base = Path(os.path.abspath(path)), Path(os.path.abspath(root))
    return absolute.relative_to(base).as_posix() if absolute.is_relative_to(base) else path.as_posix()


def read_text(path: Path, root: Path) -> str:
    """Return the file's text without a byte order mark.

    Raises:
        Unreadable: If it is outside *root* (also by a symbolic link), no regular file,
            too large, or not UTF-8.
    """
    with opened(path, root, MOST_BYTES) as file:
        content = file.read(MOST_BYTES + 1)
        check_size(len(content), MOST_BYTES)
    return _decoded(content)


@contextmanager
def opened(path: Path, root: Path, most_bytes: int) -> Iterator[BinaryIO]:
    """Open a regular file below *root*.

    Raises:
        Unreadable: If it is outside of it, no regular file, or larger than *most_bytes*.
    """
    _check_below(path, root)
    try:
        with opened_regular(path, most_bytes) as file:
            yield file
    except TooLarge as error:
        raise Unreadable(f"{error}. Split it") from error
    except RefusedFile as error:
        raise Unreadable(str(error)) from error
    except OSError as error:
        raise _cannot(error) from error


def _check_below(path: Path, root: Path) -> None:
    try:
        if not path.resolve(strict=True).is_relative_to(root.resolve()):
            raise Unreadable(f"the file is not below {root.resolve()}. Move it there")
    except (OSError, ValueError) as error:  # (ValueError: a NUL in its name)
        raise _cannot(error) from error


def _cannot(error: Exception) -> Unreadable:
    return Unreadable(f"the file cannot be read: {getattr(error, 'strerror', None) or error}")


def lines_of(file: BinaryIO, longest: int) -> Iterator[str]:
    """Yield the lines of an open file, one at a time, with their ends; without a byte order mark.

    Raises:
        Unreadable: At a line with more than *longest* bytes, or one that is not UTF-8.
    """
    number = 0
    while line := file.readline(longest + 1):
        number += 1
        if len(line) > longest:
            raise Unreadable(f"the line is longer than {longest:,} bytes", number, 1)
        yield _decoded(line, number)


def _decoded(content: bytes, first_line: int = 1) -> str:
    """Return the text of a file, or of a line of it."""
    if first_line == 1:
        for mark, encoding in _BOMS.items():
            if content.startswith(mark):
                raise Unreadable(f"the file is {encoding}. Save it as UTF-8", 1, 1)
        content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line, column = first_line + before.count("\n"), len(before) - before.rfind("\n")
        message = f"byte 0x{content[error.start]:02X} is not UTF-8. Save the file as UTF-8"
        raise Unreadable(message, line, column) from error
