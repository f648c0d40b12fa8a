"""`SemanticCache`: earlier answers for an application, found by what a prompt means."""

from __future__ import annotations

import asyncio
import time
import warnings
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.calls.cache.listing import Listing
from pytest_llmcost.calls.embedding.minilm import MiniLM
from pytest_llmcost.calls.embedding.vectors import Embedder, timed
from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.semantic import DEFAULT_THRESHOLD, GUARD_NAMES
from pytest_llmcost.strategies.semantic.shelf import Hit, Shelf

T = TypeVar("T")

_EMBEDDER = "semantic-embedder"
"""The row that says whose vectors a store holds."""


class SemanticCache:
    """Answers by what a prompt means; nothing else uses it, and it asks nobody.

    `with SemanticCache("cache") as cache: hit = cache.look_up(prompt, model="openai/gpt-4o-mini")`

    The very same prompt hits at once, without an embedding. Else the nearest prompt of the same scope hits if its
    cosine is at least the threshold and no guard tells the two apart. Give the text that varies, not the template
    around it: words that all prompts share make all of them alike. May be used by several threads and processes.

    Args:
        folder: Where it is kept: made, for its owner alone. Not a folder of the response cache.
        threshold: The least cosine, 0..1; `llmcost cache calibrate` finds one that keeps a bound.
        guards: Those that must not tell two prompts apart; all of them, where nothing is said.
        embedder: What makes the vectors; default: MiniLM, an English model, from `llmcost models pull minilm`.

    Raises:
        SettingsError: If a guard is unknown, the threshold out of range, the folder writable by anybody or made with
            another embedder, or the extra `semantic` not installed.
        WeightsError: If the embedder's weights are missing.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        threshold: float = DEFAULT_THRESHOLD,
        guards: Collection[str] = GUARD_NAMES,
        embedder: Embedder | None = None,
    ) -> None:
        _check(threshold, guards)
        self._folder = Path(folder).absolute()
        self._threshold = threshold
        self._guards = tuple(guards)
        # All on one thread: a connection belongs to the one that opened it, and embedding takes one core in any case.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="llmcost-semantic")
        self._shelves: dict[str, Shelf] = {}
        try:
            self._embedder = MiniLM() if embedder is None else embedder
            self._store, self._rows = self._do(self._open).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def look_up(
        self,
        prompt: str,
        *,
        model: str,
        system: str = "",
        params: Mapping[str, Any] | None = None,
        namespace: str = "",
    ) -> Hit | None:
        """Return the answer of a prompt that means the same, or None.

        Args:
            prompt: The text that is asked.
            model: Who is asked; this, and what follows, has to be the very same for an answer to be found.
            system: The system message.
            params: Request parameters.
            namespace: Whose answers they are, such as a customer's id.

        Raises:
            SettingsError: If an index beside the store was made by another embedder.
        """
        return self._do(self._found, prompt, _scope(model, system, params, namespace)).result()

    async def alook_up(
        self,
        prompt: str,
        *,
        model: str,
        system: str = "",
        params: Mapping[str, Any] | None = None,
        namespace: str = "",
    ) -> Hit | None:
        """Look up from any asyncio loop, without blocking it; otherwise as `look_up`."""
        return await asyncio.wrap_future(self._do(self._found, prompt, _scope(model, system, params, namespace)))

    def store(
        self,
        prompt: str,
        answer: str,
        *,
        model: str,
        system: str = "",
        params: Mapping[str, Any] | None = None,
        namespace: str = "",
    ) -> None:
        """Keep an answer; one of the same prompt and scope is replaced. Otherwise as `look_up`."""
        self._do(self._kept, prompt, answer, _scope(model, system, params, namespace)).result()

    async def astore(
        self,
        prompt: str,
        answer: str,
        *,
        model: str,
        system: str = "",
        params: Mapping[str, Any] | None = None,
        namespace: str = "",
    ) -> None:
        """Store from any asyncio loop, without blocking it; otherwise as `store`."""
        await asyncio.wrap_future(self._do(self._kept, prompt, answer, _scope(model, system, params, namespace)))

    def close(self) -> None:
        """Write the indexes beside the store, and free everything; may be called again."""
        with suppress(RuntimeError):  # (closed before)
            self._do(self._closed).result()
        self._thread.shutdown()

    def __enter__(self) -> SemanticCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _do(self, function: Callable[..., T], *args: Any) -> Future[T]:
        return self._thread.submit(function, *args)

    # -- on the cache's own thread ---------------------------------------------

    def _open(self) -> tuple[DiskStore, Listing]:
        store = DiskStore(self._folder, _warn)
        made_by = f"{self._embedder.model} with {self._embedder.dimension} numbers"
        found = store.get(_EMBEDDER)
        if found is None:
            store.set(_EMBEDDER, made_by)
        elif found != made_by:
            store.close()
            raise SettingsError(
                f"semantic cache {self._folder} holds vectors of {found!r:.100}, not of {made_by}.\n"
                "Vectors of two models cannot be compared: name another folder, or delete this one.",
                key="semantic_cache",
            )
        return store, Listing(self._folder)

    def _shelf(self, scope: str) -> Shelf:
        if scope not in self._shelves:
            self._shelves[scope] = Shelf(self._folder, self._store, self._rows, self._embedder, scope)
        return self._shelves[scope]

    def _found(self, prompt: str, scope: str) -> Hit | None:
        shelf = self._shelf(scope)
        if (hit := shelf.exact(prompt)) is not None:
            return hit
        return shelf.near(prompt, timed(self._embedder, prompt), self._threshold, self._guards)

    def _kept(self, prompt: str, answer: str, scope: str) -> None:
        self._shelf(scope).keep(prompt, answer, timed(self._embedder, prompt), time.time())

    def _closed(self) -> None:
        try:
            for shelf in self._shelves.values():
                shelf.save()
        except OSError as error:
            _warn(f"the index of semantic cache {self._folder} cannot be written: {error}.\nIt is made anew next time.")
        finally:
            self._rows.close()
            self._store.close()


def _scope(model: str, system: str, params: Mapping[str, Any] | None, namespace: str) -> str:
    return digest([model, system, dict(params or {}), namespace])[:32]


def _check(threshold: float, guards: Collection[str]) -> None:
    if not 0 <= threshold <= 1:
        raise SettingsError(f"threshold is {threshold!r}: a cosine from 0 to 1 is needed.", key="threshold")
    if unknown := [name for name in guards if name not in GUARD_NAMES]:
        known = ", ".join(GUARD_NAMES)
        raise SettingsError(f"there is no guard {unknown[0]!r}. There are: {known}.", key="guards")


def _warn(text: str) -> None:
    warnings.warn(text, RuntimeWarning, stacklevel=2)
