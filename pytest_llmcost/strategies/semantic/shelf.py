"""The entries of one scope: found by their words, or by what they mean; rows in the store are the only truth."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.calls.cache.listing import Listing
from pytest_llmcost.calls.embedding.index import VectorIndex
from pytest_llmcost.calls.embedding.vectors import Embedded, Embedder, read_vector, vector_text
from pytest_llmcost.domain.digest import digest
from pytest_llmcost.strategies.semantic.guards import told_apart
from pytest_llmcost.strategies.semantic.replay import MOST_NEAR

if TYPE_CHECKING:
    from pytest_llmcost.domain.protocols import Store

VERSION = 1


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer that was given before.

    Attributes:
        answer: As it was stored.
        similarity: The cosine of the two prompts; 1 where they are the same.
        prompt: The one that was answered.
        created: When that was, seconds since 1970 UTC.
        is_exact: Whether it is the same prompt to the letter.
    """

    answer: str
    similarity: float
    prompt: str
    created: float
    is_exact: bool = False


class Shelf:
    """One scope's entries.

    Args:
        folder: The store's.
        store: Where rows are written.
        rows: Lists them.
        embedder: Made the vectors.
        scope: Its digest.
    """

    def __init__(self, folder: Path, store: Store, rows: Listing, embedder: Embedder, scope: str) -> None:
        self._store = store
        self._rows = rows
        self._embedder = embedder
        self._prefix = f"semantic:{scope}:"
        self._path = folder / f"{scope}.usearch"
        self._index = VectorIndex(embedder.model, embedder.dimension)
        self._keys: list[str] = []
        self._last = 0
        known = list(rows.keys(self._prefix))
        held = self._index.load(self._path, [key for _, key in known])
        for number, key in known[:held]:
            self._note(number, key)
        self._saved = held

    def exact(self, prompt: str) -> Hit | None:
        """Return the entry of the very same prompt."""
        return _hit(self._store.get(self._key(prompt)), prompt, 1.0, is_exact=True)

    def near(self, prompt: str, embedded: Embedded, threshold: float, guards: Collection[str]) -> Hit | None:
        """Return the nearest entry whose cosine is *threshold* or more, and that no guard tells apart."""
        if not embedded.is_whole:  # (of two long texts with one beginning the embedder sees no difference)
            return None
        self._catch_up()
        for number, cosine in self._index.nearest(embedded.vector, MOST_NEAR):
            if cosine < threshold:
                break
            found = _hit(self._rows.text(number), "", min(cosine, 1.0))
            if found is not None and told_apart(prompt, found.prompt, guards) is None:
                return found
        return None

    def keep(self, prompt: str, answer: str, embedded: Embedded, created: float) -> None:
        """Write an entry; one of the same prompt is replaced."""
        vector = vector_text(embedded, self._embedder.model)
        row = {"v": VERSION, "prompt": prompt, "answer": answer, "created": created, "vector": vector}
        self._store.set(self._key(prompt), json.dumps(row, separators=(",", ":")))

    def save(self) -> None:
        """Write the index beside the store, where it has grown.

        Raises:
            OSError: If it cannot be written.
        """
        self._catch_up()
        if len(self._keys) > self._saved:
            self._index.save(self._path, self._keys)
            self._saved = len(self._keys)

    def _key(self, prompt: str) -> str:
        return f"{self._prefix}{digest(prompt)}"

    def _catch_up(self) -> None:
        """Take in what was stored since, by whichever process."""
        for number, key in list(self._rows.keys(self._prefix, self._last)):
            row = _row(self._rows.text(number))
            vector = row and read_vector(row["vector"], self._embedder.model, self._embedder.dimension)
            if vector and vector.is_whole:
                self._index.add(number, vector.vector)
            self._note(number, key)

    def _note(self, number: int, key: str) -> None:
        self._keys.append(key)
        self._last = number


def _hit(text: str | None, prompt: str, similarity: float, *, is_exact: bool = False) -> Hit | None:
    row = _row(text)
    if row is None or (is_exact and row["prompt"] != prompt):
        return None
    return Hit(row["answer"], similarity, row["prompt"], row["created"], is_exact)


def _row(text: str | None) -> dict[str, Any] | None:
    """Return an entry; None where there is none, or it is none of this version's: it counts as absent."""
    try:
        row = json.loads(text or "")
        is_whole = row["v"] == VERSION and all(type(row[name]) is str for name in ("prompt", "answer", "vector"))
        return {**row, "created": float(row["created"])} if is_whole else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
