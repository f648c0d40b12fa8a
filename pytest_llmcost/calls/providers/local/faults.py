"""What can go wrong with a local model, as the errors that a user reads."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_llmcost.calls.weights.digest import sha256_of
from pytest_llmcost.domain.errors import CallError

MOST_TEXT = 300
"""Characters of an engine's message that are shown."""


def bad_request(model: str, what: str) -> CallError:
    """Return the error for a request that a local model cannot serve; *what* says why."""
    return CallError(f"{model}: {what}", model=model, kind="bad request")


def not_installed(model: str) -> CallError:
    """Return the error for a missing engine, with the command that installs it."""
    text = f"{model}: the engine for local models is not installed.\nInstall it: pip install 'pytest-llmcost[local]'"
    return CallError(text, model=model, kind="not installed")


def no_weights(model: str, why: str) -> CallError:
    """Return the error for weights that are not there; *why* ends with the command that gets them."""
    return CallError(why, model=model, kind="no weights")


def bad_weights(model: str, weights: Path) -> CallError:
    """Return the error for a file that the engine cannot load: it names path and digest, the engine neither."""
    text = (
        f"{model}: the engine cannot load {weights} (SHA-256 {_sha256(weights, weights.stat().st_mtime_ns)}).\n"
        "Is it a whole GGUF file, and is there memory for it? Remove it and fetch it again."
    )
    return CallError(text, model=model, kind="bad weights")


def engine_fault(model: str, what: object) -> CallError:
    """Return the error for an engine that failed or replied what it should not."""
    return CallError(f"{model}: the engine failed: {_one_line(what)}", model=model, kind="engine fault")


def refused(model: str, error: Mapping[str, Any]) -> CallError:
    """Return the error that an engine's `{"error": {...}}` stands for."""
    if error.get("type") == "exceed_context_size_error":
        return _too_long(model, error)
    code = error.get("code")
    if isinstance(code, int) and 400 <= code < 500:
        return bad_request(model, _one_line(error.get("message", error)))
    return engine_fault(model, error.get("message", error))


def _too_long(model: str, error: Mapping[str, Any]) -> CallError:
    sent, window = error.get("n_prompt_tokens", "?"), error.get("n_ctx", "?")
    text = (
        f"{model}: the prompt has {sent} tokens, the model's context window holds {window}.\n"
        "Shorten the prompt, or show fewer examples."
    )
    return CallError(text, model=model, kind="context too long")


@functools.cache
def _sha256(weights: Path, modified: int) -> str:  # each case of a suite reports the same file
    return sha256_of(weights)


def _one_line(what: object) -> str:
    return " ".join(str(what).split())[:MOST_TEXT]
