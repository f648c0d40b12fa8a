"""The N-th step at which a run changes something outside of itself fails, or is the last thing that it does.

    with FailingRuns() as runs:
        outcome = runs.run(folder, "full", 7, "--llm-budget")
    assert outcome.failed_at == "write .llmcost/runs/a.jsonl"

A step is an open for writing, a write, an fsync, a rename, a new folder, a connection, or a
statement that changes a database. They are counted where Python meets the system, so that
buffers, temporary files and libraries are what they are; SQLite's own writes are below that.
Each run is forked from one process that has imported everything: a tenth of what a start takes.
"""

from __future__ import annotations

import builtins
import errno
import gc
import io
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, Self

from fakes.process import start_python

How = Literal["once", "full", "killed"]
"""The step fails; it and all later ones that need room on the disk do; the process is killed there."""

WITHOUT = ("cacheprovider", "randomly", "hypothesispytest", "anyio", "xdist", "xdist.looponfail")
"""Plugins that write files of their own, or take longer to load than a run takes."""

FULL = "No space left on device"
DATABASE_FULL = "database or disk is full"


class Failpoints:
    """Counts steps below some folders, and fails at one.

    Args:
        folders: Only what happens below them counts, and connections.
        at: The number of the step that fails, from 1.
        how: What happens then.
        told: A descriptor to which the name of that step is written, before.
    """

    def __init__(self, folders: list[Path], at: int, how: How, told: int) -> None:
        self._folders = [str(folder) + os.sep for folder in folders]
        self._at = at
        self._how = how
        self._told = told
        self._count = 0
        self._os_open, self._os_write, self._io_open = os.open, os.write, io.open

    def fails(self, step: str, path: object, *, needs_room: bool = True) -> bool:
        """Count a step, and return whether it fails; a killed one does not return."""
        if not (path == "socket" or self.is_counted(path)):
            return False
        self._count += 1
        if self._count == self._at:
            self._os_write(self._told, f"{step} {self._short(str(path))}".encode())
        if self._how == "full":
            return self._count >= self._at and needs_room
        return self._count == self._at

    def end(self, fault: Exception) -> Exception:
        """Die, where that is wanted, or return the error to raise."""
        if self._how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        return fault

    def is_counted(self, path: object) -> bool:
        """Whether a path, bytes or text, is below the folders."""
        return isinstance(path, str | os.PathLike) and os.path.abspath(path).startswith(tuple(self._folders))

    def install(self) -> None:
        """Put the failpoints into this interpreter, for its whole life."""
        for module, name in [(os, "rename"), (os, "replace"), (os, "mkdir")]:
            setattr(module, name, self._failing(name, getattr(module, name)))
        os.open = self._open_descriptor
        io.open = builtins.open = self._open
        connect = socket.socket.connect

        def connect_or_fail(link: socket.socket, address: Any) -> None:
            if self.fails("connect", "socket", needs_room=False):
                raise self.end(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"))
            connect(link, address)

        socket.socket.connect = connect_or_fail  # type: ignore[assignment, method-assign]
        self._install_databases()

    def _failing(self, name: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def do_or_fail(path: Any, *arguments: Any, **options: Any) -> Any:
            if not (name == "mkdir" and os.path.isdir(path)) and self.fails(name, path):
                raise self.end(_full(path))
            return do(path, *arguments, **options)

        return do_or_fail

    def _open_descriptor(self, path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and self.fails("open", path):
            raise self.end(_full(path))
        return self._os_open(path, flags, *arguments, **options)

    def _open(self, file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if not (set(mode) & set("wax+") and self.is_counted(file)):
            return self._io_open(file, mode, *arguments, **options)
        if self.fails("open", file):
            raise self.end(_full(file))
        raw = _FailingFile(file, mode.replace("b", "").replace("t", ""), self)
        if arguments[:1] == (0,):
            return raw
        buffered = io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding="utf-8")

    def _install_databases(self) -> None:
        connect, points = sqlite3.connect, self

        class FailingConnection(sqlite3.Connection):
            """What happens inside a transaction is one step, its end; of changes in a row, each kind counts once."""

            path: Any = None
            done: set[str]

            def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
                words = sql.split()
                is_asking = words[0] in ("SELECT", "ROLLBACK") or (words[0] == "PRAGMA" and "=" not in sql)
                is_end = words[0] in ("BEGIN", "COMMIT")
                if not is_asking and (is_end or not self.in_transaction) and (is_end or words[0] not in self.done):
                    self.done.add(words[0])
                    self._step(" ".join(words[:4]))
                return super().execute(sql, *arguments)

            def executescript(self, sql: str) -> sqlite3.Cursor:
                self._step("script")
                return super().executescript(sql)

            def commit(self) -> None:
                self._step("COMMIT")
                super().commit()

            def _step(self, sql: str) -> None:
                if points.fails(sql, self.path):
                    fault = sqlite3.OperationalError(DATABASE_FULL)
                    fault.sqlite_errorcode = sqlite3.SQLITE_FULL
                    raise points.end(fault)

        def connect_or_fail(database: Any, *arguments: Any, **options: Any) -> sqlite3.Connection:
            con: Any = connect(database, *arguments, factory=FailingConnection, **options)
            con.path, con.done = (None if "mode=ro" in str(database) else database), set()
            return con  # type: ignore[no-any-return]

        sqlite3.connect = connect_or_fail  # type: ignore[assignment]

    def _short(self, path: str) -> str:
        return next((path.removeprefix(folder) for folder in self._folders if path.startswith(folder)), path)


class _FailingFile(io.FileIO):
    """A file whose writes are steps; one that fails writes half, as systems do, and the one after it nothing."""

    def __init__(self, file: Any, mode: str, points: Failpoints) -> None:
        super().__init__(file, mode)
        self._points = points
        self._file = file
        self._is_full = False

    def write(self, data: Any) -> int:
        if self._is_full:
            self._is_full = False
            raise _full(self._file)
        if self._points.fails("write", self._file):
            self._is_full = True
            written = super().write(bytes(data)[: len(data) // 2])
            self._points.end(_full(self._file))
            return written
        return super().write(data)


def _full(path: object) -> OSError:
    return OSError(errno.ENOSPC, FULL, str(path))


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        status: pytest's exit status; negative: the signal that killed it.
        failed_at: The step that failed; empty where the run had fewer.
    """

    status: int
    output: str
    failed_at: str


class FailingRuns:
    """Runs of pytest in folders, one after the other, each with a failpoint; ends with its `with`."""

    def __enter__(self) -> Self:
        self._process: subprocess.Popen[str] = start_python(
            "from fakes.failpoints import serve; serve()", stdin=subprocess.PIPE
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)

    def run(self, folder: Path, how: How, at: int, *args: str) -> Outcome:
        """Run pytest in *folder*, with its temporary files in `scratch` there, which is emptied before."""
        scratch = folder / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        line = json.dumps({"folder": str(folder), "how": how, "at": at, "args": args})
        _pipe(self._process.stdin).write(line + "\n")
        _pipe(self._process.stdin).flush()
        answer = _pipe(self._process.stdout).readline()
        assert answer, _pipe(self._process.stderr).read()
        return Outcome(**json.loads(answer))


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def serve() -> None:
    """Fork a run for each line that comes in, and answer how it ended."""
    from fakes.imports import import_all

    import_all()
    gc.freeze()  # a collection in a run need not look at what all of them share
    for line in sys.stdin:
        print(json.dumps(_run(**json.loads(line))), flush=True)


def _run(folder: str, how: How, at: int, args: list[str]) -> dict[str, Any]:
    read, told = os.pipe()
    log = Path(folder, "output.txt")
    child = os.fork()
    if child == 0:
        _become_a_run(Path(folder), log, Failpoints([Path(folder).resolve()], at, how, told), args)
    os.close(told)
    _, ended = os.waitpid(child, 0)
    with os.fdopen(read, encoding="utf-8") as pipe:
        failed_at = pipe.read()
    output = log.read_text(encoding="utf-8", errors="replace")
    return {"status": os.waitstatus_to_exitcode(ended), "output": output, "failed_at": failed_at}


def _become_a_run(folder: Path, log: Path, points: Failpoints, args: list[str]) -> None:
    import tempfile

    import pytest

    status = 70
    try:
        os.chdir(folder)
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.environ["TMPDIR"] = str(folder / "scratch")
        tempfile.tempdir = str(folder / "scratch")
        sys.dont_write_bytecode = True
        points.install()
        without = [option for name in WITHOUT for option in ("-p", f"no:{name}")]
        status = pytest.main([*without, "--capture=no", *args])
        sys.stdout.flush()
    finally:
        os._exit(status)
