"""Wakes those who wait for a change, in the order in which they came."""

from __future__ import annotations

import asyncio
import contextlib
import math

LEAST_SECONDS = 0.001
"""So that a wait which rounding made too short is not made a thousand times."""


class Bell:
    """Rung whenever somebody who waits may go; all look, and those who may not wait again."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[None], None] = {}

    async def wait(self, seconds: float) -> None:
        """Return when the bell rings, and after *seconds* (which may be infinite) at the latest."""
        rung = asyncio.get_running_loop().create_future()
        self._waiting[rung] = None
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(seconds, LEAST_SECONDS) if math.isfinite(seconds) else None):
                    await rung
        finally:
            del self._waiting[rung]

    def ring(self) -> None:
        """Wake all."""
        for rung in self._waiting:
            if not rung.done():
                rung.set_result(None)
