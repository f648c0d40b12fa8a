"""The part of a prompt that all cases share is evaluated once, and its state put back before each case.

The engine's own prompt cache would reuse whatever the call before left behind, and
log-probabilities would move with the order of the calls. A state that was saved after
the prefix alone is the same for every case, the first one included, so that an answer
and its count of cached tokens are a function of the request.
"""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from hashlib import sha256
from time import perf_counter
from typing import Any

from pytest_llmcost.calls.providers.local import faults
from pytest_llmcost.calls.providers.local.engine import Engine
from pytest_llmcost.calls.providers.local.prompt import Turn, joined

MOST_BYTES = 2**30
"""Saved states on disk at most; the oldest go, and are evaluated again when needed."""


class Prefixes:
    """The saved states of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._saved: dict[str, int] = {}  # bytes by name, oldest first

    def restore(self, text: str) -> float:
        """Put the engine into the state after *text*; return the seconds it took to evaluate it, 0 where saved."""
        name = sha256(text.encode("utf-8", "surrogatepass")).hexdigest() + ".bin"
        seconds = 0.0 if name in self._saved else self._evaluate(text, name)
        self._slot("restore", name)
        return seconds

    def _evaluate(self, text: str, name: str) -> float:
        started = perf_counter()
        self._engine.complete({"prompt": text, "max_tokens": 0, "temperature": 0, "cache_prompt": False})
        written = self._slot("save", name).get("n_written", 0)
        if not written:
            raise faults.engine_fault(self._engine.model, "it cannot save its state; is the temporary folder full?")
        self._saved[name] = written
        self._make_room()
        return perf_counter() - started

    def _make_room(self) -> None:
        while sum(self._saved.values()) > MOST_BYTES and len(self._saved) > 1:
            oldest = next(iter(self._saved))
            del self._saved[oldest]
            self._engine.forget(oldest)

    def _slot(self, action: str, name: str) -> dict[str, Any]:
        return self._engine.post(f"/slots/0?action={action}", {"filename": name})


def prefix_text(engine: Engine, turns: Sequence[Turn], leading: int, style: str) -> str:
    """Return the text that a prompt has in common with all prompts whose first *leading* turns are the same.

    How a template renders a turn may depend on those around it, so the whole chat is
    rendered twice, with the later contents replaced: what does not change is shared.
    """
    if style == "text":
        # An empty turn at its end shares the blank line before the next one, too.
        following = [Turn("user", "")] if leading < len(turns) else []
        return joined([*turns[:leading], *following])
    a, b = (rendered(engine, _with_later_contents(turns, leading, mark)) for mark in "01")
    return os.path.commonprefix([a, b])  # noqa: RUF071 (of characters, as meant)


def rendered(engine: Engine, turns: Sequence[Turn]) -> str:
    """Return the chat as the model's template writes it."""
    reply = engine.post("/apply-template", {"messages": [turn.as_message() for turn in turns]})
    return str(reply["prompt"])


def _with_later_contents(turns: Sequence[Turn], leading: int, mark: str) -> list[Turn]:
    return [turn if i < leading else Turn(turn.role, mark) for i, turn in enumerate(turns)]
