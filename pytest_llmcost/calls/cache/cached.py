"""An answer is asked for once: stored before it is returned, and found again by its request's key."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal

from pytest_llmcost.calls.cache.codec import UnreadableRow, decode, encode
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.errors import ReplayMiss
from pytest_llmcost.domain.protocols import Complete, Store
from pytest_llmcost.domain.request import Request

Mode = Literal["auto", "replay", "refresh", "live"]
"""Use and fill the cache; only use it; only fill it; leave it alone."""


class Cached:
    """Answers from the store where the mode allows, and keeps there what the inner link answers.

    Errors are not stored, nor what a content filter cut off. An answer that ended by its
    length was paid for, and is. A row that cannot be read counts as absent, said once.
    """

    def __init__(self, inner: Complete, store: Store, mode: Mode, warn: Callable[[str], None]) -> None:
        self._inner = inner
        self._store = store
        self._mode = mode
        self._warn = warn
        self._has_warned = False

    async def __call__(self, request: Request) -> Completion:
        """Return the answer, or raise `ReplayMiss` where it is not stored and may not be asked for."""
        if self._mode == "live":
            return await self._inner(request)
        if (found := self.known(request)) is not None:
            return found
        if self._mode == "replay":
            raise self._miss(request, request.key())
        completion = await self._inner(request)
        if not completion.cached and completion.finish_reason != "content_filter":
            self._keep(request, request.key(), completion)
        return completion

    def known(self, request: Request) -> Completion | None:
        """Return what is stored, where the mode lets it stand for a new answer."""
        return self.recall(request) if self._mode in ("auto", "replay") else None

    def recall(self, request: Request) -> Completion | None:
        """Return what is stored, whatever the mode."""
        key = request.key()
        if (text := self._store.get(key)) is None:
            return None
        try:
            return decode(text)
        except UnreadableRow as error:
            self._warn_once(
                f"cached answer {key[:12]} cannot be read ({error}).\nIt counts as absent, and others like it."
            )
            return None

    def _keep(self, request: Request, key: str, completion: Completion) -> None:
        self._store.set(key, encode(completion))
        if request.about:
            self._store.set(_about_key(request), json.dumps(_part_digests(request)))

    def _miss(self, request: Request, key: str) -> ReplayMiss:
        recorded = self._recorded_parts(request)
        changed = [name for name, part in _part_digests(request).items() if recorded.get(name) != part]
        if not recorded:
            what, changed = "nothing was ever recorded for it", []
        elif changed:
            what = f"changed since it was recorded: {', '.join(changed)}"
        else:
            what = "its recording is gone"
        return ReplayMiss(
            f"no recording for {request.endpoint.model}: {what}.\nRecord it with --llm-mode=auto.",
            model=request.endpoint.model,
            key=key,
            changed=changed,
        )

    def _recorded_parts(self, request: Request) -> dict[str, str]:
        text = self._store.get(_about_key(request)) if request.about else None
        try:
            parts = json.loads(text or "{}")
        except ValueError:
            parts = None
        if not isinstance(parts, dict):
            self._warn_once("a cached note of what was recorded cannot be read.\nIt counts as absent.")
            return {}
        return parts

    def _warn_once(self, message: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            self._warn(message)


def _about_key(request: Request) -> str:
    return f"about:{digest(request.about)}"


def _part_digests(request: Request) -> dict[str, str]:
    return {name: digest(part)[:16] for name, part in request.parts().items()}
