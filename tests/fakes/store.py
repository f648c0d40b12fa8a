"""A store in memory, and caches made of such."""

from __future__ import annotations

from collections.abc import Callable

from pytest_llmcost.calls.cache.layers import AtHand, Layer, Layers
from pytest_llmcost.domain.avoided import LOCAL
from pytest_llmcost.domain.protocols import Store


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


def layers_over(*stores: Store, warn: Callable[[str], None] = print) -> Layers:
    """Return local caches, one after the other."""
    return Layers([Layer(f"store {n}", LOCAL, AtHand(store)) for n, store in enumerate(stores, 1)], warn)
