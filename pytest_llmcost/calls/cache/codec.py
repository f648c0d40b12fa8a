"""A completion as one line of JSON and back, without loss; what is read is checked like any data."""

from __future__ import annotations

import json
import math
from typing import Any, TypeVar

from pytest_llmcost.domain.completion import Completion, TokenLogprob
from pytest_llmcost.domain.errors import InvalidUsage
from pytest_llmcost.domain.usage import RARE_TOKEN_KINDS, TOKEN_KINDS, Usage

VERSION = 1
NOTE = "about:"
"""How the key of a note begins: it tells what a request was made of, so that one that changed can be explained."""
REQUEST = "request"
"""In a note: the key of the request that it is about."""

T = TypeVar("T")


class UnreadableRow(Exception):
    """A row is not what this version writes; its text says why."""


def encode(completion: Completion) -> str:
    """Return the answer as ASCII text.

    `cached`, `origin` and `paid_usd` are left out: they tell how an answer was got, not what it is.
    """
    row = {
        "v": VERSION,
        "text": completion.text,
        "usage": [*(getattr(completion.usage, kind) for kind in TOKEN_KINDS), completion.usage.is_estimated],
        "finish": completion.finish_reason,
        "seconds": completion.seconds,
        "model": completion.model,
        "created": completion.created,
        "logprobs": [[t.token, t.logprob, t.top] for t in completion.logprobs],
        "flags": completion.flags,
        "attempts": completion.attempts,
        **{kind: count for kind in RARE_TOKEN_KINDS if (count := getattr(completion.usage, kind))},
        **({} if completion.ttft_seconds is None else {"ttft": completion.ttft_seconds}),
        **({"tier": completion.service_tier} if completion.service_tier else {}),
        **({"id": completion.call_id} if completion.call_id else {}),
    }
    return json.dumps(row, separators=(",", ":"))


def decode(text: str, origin: str = "") -> Completion:
    """Return the answer, `cached` and free of charge.

    Args:
        text: As `encode` writes it.
        origin: Which cache it is from.

    Raises:
        UnreadableRow: If the text is torn, of another version, or holds impossible values.
    """
    try:
        row = json.loads(text)
        if row["v"] != VERSION:
            raise UnreadableRow(f"its format is {row['v']!r}, and this version reads {VERSION}")
        return _completion(row, origin)
    except (KeyError, TypeError, ValueError, IndexError, RecursionError, InvalidUsage) as error:
        raise UnreadableRow(f"{type(error).__name__}: {error}") from error


def write_note(parts: dict[str, str]) -> str:
    """Return what a request was made of, digests by the name of the part, as ASCII text."""
    return json.dumps(parts, separators=(",", ":"))


def read_note(text: str) -> dict[str, str]:
    """Return the digests of a request's parts.

    Raises:
        UnreadableRow: If the text is no such note.
    """
    try:
        parts = json.loads(text)
        return {_typed(name, str): _typed(part, str) for name, part in parts.items()}
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise UnreadableRow(f"{type(error).__name__}: {error}") from error


def _completion(row: Any, origin: str) -> Completion:
    *listed, is_estimated = row["usage"]
    counts = dict(zip(TOKEN_KINDS, listed, strict=True)) | {kind: row.get(kind, 0) for kind in RARE_TOKEN_KINDS}
    return Completion(
        text=_typed(row["text"], str),
        usage=Usage(**counts, is_estimated=_typed(is_estimated, bool)),
        finish_reason=_typed(row["finish"], str),
        seconds=_seconds(row["seconds"]),
        model=_typed(row["model"], str),
        created=_seconds(row["created"]),
        logprobs=tuple(_logprob(*parts) for parts in row["logprobs"]),
        flags=tuple(_typed(flag, str) for flag in row["flags"]),
        attempts=_typed(row["attempts"], int),
        cached=True,
        origin=origin,
        ttft_seconds=_seconds(row["ttft"]) if "ttft" in row else None,
        service_tier=_typed(row.get("tier", ""), str),
        call_id=_typed(row.get("id", ""), str),
    )


def _logprob(token: Any, logprob: Any, top: Any) -> TokenLogprob:
    rivals = tuple((_typed(rival, str), float(value)) for rival, value in top)
    return TokenLogprob(_typed(token, str), float(logprob), rivals)


def _typed(value: Any, kind: type[T]) -> T:
    if type(value) is not kind:
        raise TypeError(f"{value!r:.40} is no {kind.__name__}")
    return value


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"{value!r:.40} is no number of seconds")
    return seconds
