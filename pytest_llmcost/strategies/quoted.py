"""Others' texts are put before a model as data: between marks that none of them has, so that none can end its own."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmcost.domain.request import Message

MARK = "{mark}"
"""Where a system message names the marks: `<answer-{mark}>`."""


def as_data(system: str, texts: Mapping[str, str], then: str = "") -> list[Message]:
    """Return the chat that shows *texts*, each between marks of its name; *system* says what to do with them.

    Small models forget that over the texts, and go on writing such: *then* says it once more, behind them.
    """
    mark = _mark("".join(texts.values()))
    shown = [f"<{name}-{mark}>\n{text}\n</{name}-{mark}>" for name, text in texts.items()]
    asked = "\n\n".join([*shown, then] if then else shown)
    return [{"role": "system", "content": system.replace(MARK, mark)}, {"role": "user", "content": asked}]


def _mark(text: str) -> str:
    """Return a word that *text* does not hold, always the same for the same text: the request is cached by it."""
    return next(mark for mark in map(str, range(1, len(text) + 2)) if f"-{mark}>" not in text)
