"""A store in memory."""

from __future__ import annotations


class MemoryStore:
    """Satisfies `Store`; `rows` is what it holds."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.is_closed = False

    def get(self, key: str) -> str | None:
        return self.rows.get(key)

    def set(self, key: str, text: str) -> None:
        self.rows[key] = text

    def close(self) -> None:
        self.is_closed = True
