"""Local models as a provider: one engine a model, one call at a time in this process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from pytest_llmcost.calls.providers.local import faults
from pytest_llmcost.calls.providers.local.engine import Engine
from pytest_llmcost.calls.providers.local.prefix import Prefixes, prefix_text
from pytest_llmcost.calls.providers.local.prompt import Turn, prompt_body, sampling_body, turns_of
from pytest_llmcost.calls.providers.local.replies import completion_of
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import WeightsError
from pytest_llmcost.domain.request import Request

T = TypeVar("T")


class LocalProvider:
    """Answers requests for `local/<name>` with llama.cpp, loaded when the first one comes.

    An answer's `seconds` are its own: waiting for its turn, loading the model, and
    evaluating the shared prefix (once a process) are left out. The tokens of that
    prefix count as cached for every case, the first one included, so that usage does
    not depend on the order of the calls; the case that had it evaluated has a flag
    that says how long it took.

    Args:
        find_weights: Returns the GGUF file of a name, or raises `WeightsError`.
    """

    def __init__(self, find_weights: Callable[[str], Path]) -> None:
        self._find_weights = find_weights
        self._engines: dict[str, tuple[Engine, Prefixes]] = {}
        self._turn = asyncio.Lock()

    async def __call__(self, request: Request) -> Completion:
        """Return the model's answer.

        Raises:
            CallError: If there is none; sending the same request again would not help.
        """
        turns, sampling = turns_of(request), sampling_body(request)
        async with self._turn:
            return await _to_its_end(lambda: self._answer(request, turns, sampling))

    async def aclose(self) -> None:
        """Unload all models, once the call that is running has ended."""
        async with self._turn:
            await _to_its_end(self._unload)

    def _answer(self, request: Request, turns: tuple[Turn, ...], sampling: dict[str, Any]) -> Completion:
        engine, prefixes = self._engine(request.endpoint.model)
        body = prompt_body(turns, request.style) | sampling | {"cache_prompt": request.prefix_messages > 0}
        started = perf_counter()
        evaluating = 0.0
        if request.prefix_messages:
            text = prefix_text(engine, turns, request.prefix_messages, request.style)
            evaluating = prefixes.restore(text)
        reply = engine.complete(body) if request.style == "text" else engine.chat(body)
        flags = (f"prefix evaluated in {evaluating:.2f} s",) if evaluating else ()
        return completion_of(reply, request, perf_counter() - started - evaluating, flags)

    def _engine(self, model: str) -> tuple[Engine, Prefixes]:
        if model not in self._engines:
            engine = Engine(model, self._weights(model))
            self._engines[model] = engine, Prefixes(engine)
        return self._engines[model]

    def _unload(self) -> None:
        while self._engines:
            engine, _ = self._engines.popitem()[1]
            engine.close()

    def _weights(self, model: str) -> Path:
        try:
            return self._find_weights(model.partition("/")[2])
        except WeightsError as error:
            raise faults.no_weights(model, str(error)) from error


async def _to_its_end(work: Callable[[], T]) -> T:
    """Return what *work* returns on a thread; when cancelled, wait for its end before giving way.

    A call inside the engine cannot be stopped, and a second one beside it, or an
    interpreter that leaves, would crash the process. What is waited for is a bare future:
    a task could be cancelled by others while its thread runs on.
    """
    running = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # looked at, since nobody else will
        raise
