"""One long-lived asyncio loop on a thread of its own, on which every call of a process is made.

Clients keep connections that belong to a loop: with one loop, started once and closed
after them, nothing is left open and nothing warns.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

Closer = Callable[[], Awaitable[None] | None]
"""Frees something on the loop that used it; awaited where there is something to await."""

GRACE_SECONDS = 10.0
"""How long cancelled calls, and each closer, may take to end."""


class Engine:
    """Runs coroutines from synchronous code; usable from any thread but the loop's own.

    The thread is a daemon, so that a program that forgets to close it still ends: it is
    then closed at exit, before the interpreter goes.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._serve, name="llmcost-calls", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def submit(self, make: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        """Start the coroutine that *make* makes on the loop; cancelling the future cancels it.

        Raises:
            RuntimeError: If the engine is closed; no coroutine is made then.
        """
        return self.submit_all([make])[0]

    def submit_all(self, makes: Sequence[Callable[[], Coroutine[Any, Any, T]]]) -> list[Future[T]]:
        """Start several at once, which wakes the loop's thread once rather than for each; else as `submit`."""
        futures: list[Future[T]] = [Future() for _ in makes]
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the calling engine is closed: start a new one")
            started = [(make(), future) for make, future in zip(makes, futures, strict=True)]
            self._loop.call_soon_threadsafe(_start, self._loop, started)
        return futures

    def run(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for what *make* makes; an interrupted wait cancels it."""
        future = self.submit(make)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self, *closers: Closer) -> None:
        """Cancel what is open, await its end, free what the loop used, and end the thread; once.

        Work in threads (a local model) is waited for: leaving the interpreter while it
        runs would crash the process. When this wait is interrupted, the thread ends all the same.

        Raises:
            ExceptionGroup: If closers failed; all of them have been called all the same.
        """
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
        atexit.unregister(self.close)
        ended = asyncio.run_coroutine_threadsafe(_wind_up(closers), self._loop)
        ended.add_done_callback(lambda _: self._loop.call_soon_threadsafe(self._loop.stop))
        try:
            ended.result()
        finally:
            self._thread.join()

    def _serve(self) -> None:
        self._loop.run_forever()
        self._loop.close()


def _start(loop: asyncio.AbstractEventLoop, submitted: list[tuple[Coroutine[Any, Any, T], Future[T]]]) -> None:
    for coroutine, future in submitted:
        task = loop.create_task(coroutine)
        task.add_done_callback(functools.partial(_hand_over, future))
        future.add_done_callback(functools.partial(_cancel_with, loop, task))


def _hand_over(future: Future[T], task: asyncio.Task[T]) -> None:
    if task.cancelled():
        future.cancel()
    if not future.set_running_or_notify_cancel():
        return
    fault = task.exception()
    if fault is None:
        future.set_result(task.result())
    else:
        future.set_exception(fault)


def _cancel_with(loop: asyncio.AbstractEventLoop, task: asyncio.Task[T], future: Future[T]) -> None:
    if future.cancelled() and not task.done():
        loop.call_soon_threadsafe(task.cancel)


async def _wind_up(closers: tuple[Closer, ...]) -> None:
    loop = asyncio.get_running_loop()
    if tasks := asyncio.all_tasks(loop) - {asyncio.current_task(loop)}:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=GRACE_SECONDS)
    faults = [fault for closer in closers if (fault := await _fault_of(closer))]
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
    if faults:
        raise ExceptionGroup("not everything could be closed", faults)


async def _fault_of(closer: Closer) -> Exception | None:
    try:
        async with asyncio.timeout(GRACE_SECONDS):
            if (pending := closer()) is not None:
                await pending
    except Exception as error:
        return error
    return None
