"""Several caches, read in order: who has an answer gives it to those before, and what is new goes to all.

Each layer is data of its own trust domain: what it returns is read by our own codec, and a
value that is none of ours is refused by name and looked for in the next layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pytest_llmcost.calls.cache.codec import UnreadableRow, decode, encode, read_note, write_note
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.protocols import Store

T = TypeVar("T")

DAY_SECONDS = 86_400


class Shelf(Protocol):
    """Texts by key, in a place that may be far away."""

    async def get(self, key: str) -> str | None:
        """Return what is stored, or None."""
        ...

    async def set(self, key: str, text: str) -> bool:
        """Store a text; False where it could not be, which it says once."""
        ...

    async def close(self) -> None:
        """Free what it holds."""
        ...


class AtHand:
    """A store of this machine, as a shelf."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, key: str) -> str | None:
        """Return what is stored, or None."""
        return self._store.get(key)

    async def set(self, key: str, text: str) -> bool:
        """Store a text; a store says itself what it cannot keep."""
        self._store.set(key, text)
        return True

    async def close(self) -> None:
        """Free the store, on the thread that used it."""
        self._store.close()


@dataclass(frozen=True, slots=True)
class Layer:
    """One cache of several.

    Attributes:
        name: Where it is, without a password: a folder, or `redis host:port/0`.
        origin: What its answers are counted as: `recordings`, `local cache` or `shared cache`.
        is_recorded: Whether it is under review: only read, and never too old.
        is_spare: Whether it only takes what no other writable layer could.
    """

    name: str
    origin: str
    shelf: Shelf
    is_recorded: bool = False
    is_spare: bool = False


class Layers:
    """The caches of a run, first to last.

    Args:
        layers: In the order in which they are read.
        warn: Called with what the user should know, once a kind and layer.
        not_before: Answers made earlier (seconds since 1970) count as absent, but for recordings.
    """

    def __init__(self, layers: Sequence[Layer], warn: Callable[[str], None], not_before: float = 0.0) -> None:
        self._layers = tuple(layers)
        self._warn = warn
        self._not_before = not_before
        self._said: set[tuple[str, str]] = set()

    async def answer(self, key: str) -> Completion | None:
        """Return the answer of a request's key, `cached` and with its origin; earlier writable layers get it, too."""

        def read(layer: Layer, text: str) -> Completion | None:
            completion = decode(text, layer.origin)
            is_fresh = layer.is_recorded or completion.created >= self._not_before
            return completion if is_fresh else None

        return await self._first(key, read)

    async def note(self, key: str) -> dict[str, str]:
        """Return what was recorded of a request's parts under *key*; empty where nothing was."""
        return await self._first(key, lambda _, text: read_note(text)) or {}

    async def keep(self, key: str, completion: Completion) -> None:
        """Store an answer in every writable layer; say where a recording, read before them, says otherwise."""
        for layer in self._layers:
            if layer.is_recorded and await layer.shelf.get(key) is not None:
                self._say(
                    layer,
                    "older",
                    f"{layer.name} holds other answers than this run's, and is read first.\n"
                    "Bring it up to date: llmcost cache export --to FOLDER --run RUN.",
                )
        await self._write(self._layers, key, encode(completion))

    async def keep_note(self, key: str, parts: dict[str, str]) -> None:
        """Store what a request was made of, for the message on one that changed."""
        await self._write(self._layers, key, write_note(parts))

    async def close(self) -> None:
        """Free every layer."""
        for layer in self._layers:
            await layer.shelf.close()

    async def _first(self, key: str, read: Callable[[Layer, str], T | None]) -> T | None:
        for place, layer in enumerate(self._layers):
            if (text := await layer.shelf.get(key)) is None:
                continue
            try:
                value = read(layer, text)
            except UnreadableRow as error:
                self._say(
                    layer,
                    "unreadable",
                    f"cached answer {key[:20]} in {layer.name} cannot be read ({error}).\n"
                    "It counts as absent, and others like it; `llmcost cache verify` names them.",
                )
                continue
            if value is not None:
                if place:
                    await self._write(self._layers[:place], key, text)
                return value
        return None

    async def _write(self, layers: Sequence[Layer], key: str, text: str) -> None:
        is_kept = False
        for layer in layers:
            if not layer.is_recorded and not (layer.is_spare and is_kept):
                is_kept = await layer.shelf.set(key, text) or is_kept

    def _say(self, layer: Layer, kind: str, message: str) -> None:
        if (layer.name, kind) not in self._said:
            self._said.add((layer.name, kind))
            self._warn(message)
