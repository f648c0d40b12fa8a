"""A suite is a regular UTF-8 file of bounded size below the root directory, or it is not read."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from pytest_llmcost.suites.tree.report import Report

MOST_BYTES = 64 * 1024 * 1024
_BOMS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def identity_of(path: Path, root: Path) -> str:
    """Return *path* below *root* with forward slashes; as given where it is not below it."""
    absolute, base = Path(os.path.abspath(path)), Path(os.path.abspath(root))
    return absolute.relative_to(base).as_posix() if absolute.is_relative_to(base) else path.as_posix()


def read_text(path: Path, root: Path, report: Report) -> str:
    """Return the file's text without a byte order mark.

    Raises:
        SuiteError: If it is outside *root* (also by a symbolic link), no regular file,
            too large, or not UTF-8.
    """
    try:
        if not path.resolve(strict=True).is_relative_to(root.resolve()):
            report.fail(1, 1, f"the file is not below {root.resolve()}. Move it there")
        return _decoded(_bounded_bytes(path, report), report)
    except OSError as error:
        report.fail(1, 1, f"the file cannot be read: {error.strerror or error}")


def _bounded_bytes(path: Path, report: Report) -> bytes:
    # O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        _check_regular(os.fstat(descriptor), report)
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(MOST_BYTES + 1)
    finally:
        os.close(descriptor)
    _check_size(len(content), report)
    return content


def _check_regular(about: os.stat_result, report: Report) -> None:
    if not stat.S_ISREG(about.st_mode):
        kind = _KINDS.get(stat.S_IFMT(about.st_mode), "something else")
        report.fail(1, 1, f"this is {kind}: a regular file is needed")
    _check_size(about.st_size, report)


def _check_size(count: int, report: Report) -> None:
    if count > MOST_BYTES:
        report.fail(1, 1, f"the file is larger than {MOST_BYTES // 2**20} MB. Split it into several suites")


def _decoded(content: bytes, report: Report) -> str:
    for mark, encoding in _BOMS.items():
        if content.startswith(mark):
            report.fail(1, 1, f"the file is {encoding}. Save it as UTF-8")
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        report.fail(line, column, f"byte 0x{content[error.start]:02X} is not UTF-8. Save the file as UTF-8")
