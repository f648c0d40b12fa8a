"""Time that passes only when somebody sleeps, and whole loops for which that is so."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def run_instantly(main: Coroutine[Any, Any, T]) -> T:
    """Run *main* as `asyncio.run` does; whenever all wait for time to pass, it has passed.

    Hours take milliseconds, and every moment is exact.
    """
    with asyncio.Runner(loop_factory=_InstantLoop) as runner:
        return runner.run(main)


class _InstantLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.now = 1000.0
        super().__init__(_InstantSelector(self))

    def time(self) -> float:
        return self.now


class _InstantSelector(selectors.SelectSelector):
    def __init__(self, loop: _InstantLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everybody waits for somebody else"
            self._loop.now += timeout
        return ready
