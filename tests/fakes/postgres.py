"""A real PostgreSQL of the test's own, on a free port of 127.0.0.1, run by a user that is not root."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


def _program(name: str) -> str | None:
    """Return where a program is: Debian keeps the server's out of the path."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(kept[-1]) if kept else None)


INITDB, POSTGRES = _program("initdb"), _program("postgres")
needs_postgres = pytest.mark.skipif(
    INITDB is None or POSTGRES is None or os.name != "posix", reason="PostgreSQL's server is not installed"
)
_USER = "llmcost"
_NOBODY = 65534


class PostgresServer:
    """One server that can be stopped and started again; what it holds stays.

    Attributes:
        url: Of its one database.
    """

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"postgresql://{_USER}@127.0.0.1:{self._port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None
        folder.chmod(0o755)
        self._data.mkdir(mode=0o700)
        if os.getuid() == 0:  # it refuses to run as root
            os.chown(self._data, _NOBODY, _NOBODY)
        self._run(str(INITDB), "-D", str(self._data), "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync").wait()

    def start(self) -> None:
        """Start it and wait until it answers, twenty seconds at most."""
        places = ["-k", "", "-h", "127.0.0.1", "-p", str(self._port)]
        self._process = self._run(str(POSTGRES), "-D", str(self._data), *places, "-c", "fsync=off")
        until = time.monotonic() + 20
        import psycopg

        while True:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            assert time.monotonic() < until, "postgres does not answer"
            time.sleep(0.05)

    def empty(self) -> None:
        """Forget all tables."""
        import psycopg

        with psycopg.connect(self.url) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")

    def stop(self) -> None:
        """End it, connections and all."""
        if self._process is not None:
            self._process.send_signal(2)  # "fast": it ends its sessions
            self._process.wait(20)
            self._process = None

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        user = _NOBODY if os.getuid() == 0 else None
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, stdout=quiet, stderr=quiet, user=user, group=user, cwd="/")


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Yield a server that answers, and end it; its files are where any user may go."""
    with tempfile.TemporaryDirectory(prefix="llmcost-postgres-") as folder:
        server = PostgresServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
