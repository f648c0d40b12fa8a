"""A folder for what the shared cache could not take: opened when it is needed, and read where it is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.calls.cache.folder import DATABASE


class SpareStore:
    """A `Store` in a folder that is not made before something must be kept there."""

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._warn = warn
        self._store: DiskStore | None = None

    def get(self, key: str) -> str | None:
        """Return what an earlier run had to keep here, or None."""
        if self._store is None and not (self._folder / DATABASE).exists():
            return None
        return self._opened().get(key)

    def set(self, key: str, text: str) -> None:
        """Store a text, as a `DiskStore` does."""
        self._opened().set(key, text)

    def close(self) -> None:
        """Free the store, if it was opened."""
        if self._store is not None:
            self._store.close()

    def _opened(self) -> DiskStore:
        if self._store is None:
            self._store = DiskStore(self._folder, self._warn)
        return self._store
