"""Records are given in a microsecond and written by a thread, a batch a second: nobody waits for the ledger."""

from __future__ import annotations

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence

from pytest_llmcost.costs.ledger.records import Entry

FLUSH_SECONDS = 1.0
"""How long a record may be in memory alone: what `kill -9` can take."""
BATCH = 2000
"""Records that are written before their second is over."""
MOST_HELD = 100_000
"""Records that are held in memory where nothing can be written; beyond that the oldest are dropped, and counted."""


class Writer:
    """Takes entries from any thread and hands them on in batches; what is left is written when the program ends.

    Args:
        store: Writes a batch; False where it could not, and it is tried again with the next.
        flush_seconds: How long an entry waits at most.
        lost: Told how many entries were dropped, as nothing could be written for long.
    """

    def __init__(
        self,
        store: Callable[[Sequence[Entry]], bool],
        lost: Callable[[int], None],
        flush_seconds: float = FLUSH_SECONDS,
    ) -> None:
        self._store = store
        self._lost = lost
        self._flush_seconds = flush_seconds
        self._is_closed = False
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._held: deque[Entry] = deque()
        self._writing = threading.Lock()
        self._starting = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def put(self, entry: Entry) -> None:
        """Take an entry; it is written within `flush_seconds`.

        Raises:
            RuntimeError: If the writer is closed.
        """
        if self._is_closed:
            raise RuntimeError("the ledger is closed: open it anew")
        self._begin_where_forked()
        self._held.append(entry)
        if self._thread is None:
            self._start()
        if len(self._held) >= BATCH:
            self._wake.set()

    def flush(self) -> None:
        """Write what is held; returns when it is done, or could not be."""
        self._begin_where_forked()
        with self._writing:
            while self._held:
                batch = [self._held.popleft() for _ in range(min(BATCH, len(self._held)))]
                if not self._store(batch):
                    self._held.extendleft(reversed(batch))
                    self._drop_oldest()
                    return

    def close(self) -> None:
        """Write what is held and end the thread; may be called again."""
        if self._is_closed:
            return
        self._is_closed = True
        atexit.unregister(self.close)
        self._begin_where_forked()
        if self._thread is not None:
            self._wake.set()
            self._thread.join()
        self.flush()
        if self._held:
            self._lost(len(self._held))

    def _begin_where_forked(self) -> None:
        """Begin anew in a forked process: the thread stayed behind, and its entries are the parent's to write."""
        if self._pid != os.getpid():
            self._begin()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="llmcost-ledger", daemon=True)
                self._thread.start()
                atexit.register(self.close)

    def _serve(self) -> None:
        while not self._is_closed:
            self._wake.wait(self._flush_seconds)
            self._wake.clear()
            self.flush()

    def _drop_oldest(self) -> None:
        dropped = len(self._held) - MOST_HELD
        if dropped > 0:
            for _ in range(dropped):
                self._held.popleft()
            self._lost(dropped)
