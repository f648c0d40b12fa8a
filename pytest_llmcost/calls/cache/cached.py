"""An answer is asked for once: stored before it is returned, and found again by its request's key."""

from __future__ import annotations

from typing import Literal

from pytest_llmcost.calls.cache.codec import NOTE, REQUEST
from pytest_llmcost.calls.cache.layers import Layers
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.errors import ReplayMiss
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.request import Request

Mode = Literal["auto", "replay", "refresh", "live"]
"""Use and fill the cache; only use it; only fill it; leave it alone."""


class Cached:
    """Answers from the caches where the mode allows, and keeps there what the inner link answers.

    Errors are not stored, nor what a content filter cut off. An answer that ended by its
    length was paid for, and is.
    """

    def __init__(self, inner: Complete, layers: Layers, mode: Mode) -> None:
        self._inner = inner
        self._layers = layers
        self._mode = mode

    async def __call__(self, request: Request) -> Completion:
        """Return the answer, or raise `ReplayMiss` where it is not stored and may not be asked for."""
        if self._mode == "live":
            return await self._inner(request)
        if (found := await self.known(request)) is not None:
            return found
        if self._mode == "replay":
            raise await self._miss(request, request.key())
        completion = await self._inner(request)
        if not completion.cached and completion.finish_reason != "content_filter":
            await self._keep(request, request.key(), completion)
        return completion

    async def known(self, request: Request) -> Completion | None:
        """Return what is stored, where the mode lets it stand for a new answer."""
        return await self.recall(request) if self._mode in ("auto", "replay") else None

    async def recall(self, request: Request) -> Completion | None:
        """Return what is stored, whatever the mode."""
        return await self._layers.answer(request.key())

    async def _keep(self, request: Request, key: str, completion: Completion) -> None:
        await self._layers.keep(key, completion)
        if request.about:
            await self._layers.keep_note(_about_key(request), {**_part_digests(request), REQUEST: key})

    async def _miss(self, request: Request, key: str) -> ReplayMiss:
        recorded = await self._layers.note(_about_key(request)) if request.about else {}
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


def _about_key(request: Request) -> str:
    return f"{NOTE}{digest(request.about)}"


def _part_digests(request: Request) -> dict[str, str]:
    return {name: digest(part)[:16] for name, part in request.parts().items()}
