"""What must not be stored is taken out of an answer before anybody sees it, so that replayed is equal to recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.request import Request

MARK = "[redacted]"
FLAG = "redacted"
_SECONDS = 1.0


def redacting(patterns: Sequence[str], secrets: Sequence[str] = ()) -> Callable[[Completion], Completion]:
    """Return what takes every match of *patterns*, and every one of *secrets*, out of an answer's text.

    An answer in which something was found has no logprobs, whose tokens spell it, and is
    flagged. One on which the patterns take longer than a second is taken out whole.

    Raises:
        ValueError: If a pattern is none.
    """
    import regex

    try:
        compiled = [regex.compile(pattern) for pattern in patterns]
    except regex.error as error:
        raise ValueError(f"{error} in a pattern") from error

    def text_of(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, MARK)
        try:
            for pattern in compiled:
                text = pattern.sub(MARK, text, timeout=_SECONDS)
        except TimeoutError:
            return MARK
        return text

    def redacted(completion: Completion) -> Completion:
        text = text_of(completion.text)
        if text == completion.text:
            return completion
        flags = completion.flags if FLAG in completion.flags else (*completion.flags, FLAG)
        return replace(completion, text=text, logprobs=(), flags=flags)

    return redacted


def read_patterns(value: Any) -> tuple[str, ...]:
    """Return the patterns that `redact` names.

    Raises:
        ValueError: If it is no list of regular expressions.
    """
    if not isinstance(value, list) or not all(isinstance(pattern, str) and pattern for pattern in value):
        raise ValueError(r"a list of regular expressions is needed, as ['\\b\\d{16}\\b']")
    redacting(value)
    return tuple(value)


class Redacted:
    """Asks, and takes out of the answer what must not be stored."""

    def __init__(self, inner: Complete, redact: Callable[[Completion], Completion]) -> None:
        self._inner = inner
        self._redact = redact

    async def __call__(self, request: Request) -> Completion:
        """Return the answer without it."""
        return self._redact(await self._inner(request))
