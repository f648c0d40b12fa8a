"""The kinds of failure: what each means for the next attempt and the bill, and what mends it."""

from __future__ import annotations

from pytest_llmcost.calls.providers.chat.keys import key_variable, without_keys
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Request

_MOST_WORDS = 240
_RETRYABLE = {"rate limit", "time-out", "server error", "broken reply", "connection reset", "cannot reach"}
_MAY_BE_BILLED = {"time-out", "broken reply", "connection reset", "content filter"}
_REMEDIES = {
    "bad key": "Set {variable} to a valid key.",
    "bad request": "Check the suite's params and messages.",
    "broken reply": "Check that api_base speaks the provider's protocol.",
    "cannot reach": "Check the address and the network.",
    "cannot send": "Check api_base, which begins with http:// or https://, and that key and headers are one line each.",
    "connection reset": "The server or a proxy closed the connection before it answered.",
    "content filter": "The provider's policy refuses this case; reword it or leave it out.",
    "context too long": "Shorten the prompt, or choose a model with a longer context.",
    "forbidden": "Check that the key in {variable} may use this model.",
    "missing package": "Install what is missing into the environment of pytest.",
    "no credit": "Add credit to the account, or ask another model.",
    "no secure connection": "Check the server's certificate, and whether api_base begins with the right http or https.",
    "no key": "Set {variable}; for a server that needs no key any value will do.",
    "rate limit": "Lower the concurrency or the provider's limits in the configuration.",
    "redirect": "Set api_base to the final address; no redirect is followed, so that keys stay where they belong.",
    "server error": "The provider is at fault; try again later.",
    "time-out": "Raise timeout_seconds, or lower max_tokens.",
    "unknown model": "Check the model's name, written provider/model, and api_base.",
}


def call_failure(
    request: Request,
    kind: str,
    words: str,
    *,
    status: int | None = None,
    request_id: str = "",
    retry_after_seconds: float | None = None,
    is_retryable: bool | None = None,
) -> CallError:
    """Return an error of one of our kinds: keys hidden, bounded, with the remedy on its second line.

    Args:
        request: The request that failed.
        kind: What happened, in a word or two; decides what else is not given.
        words: The provider's or our own account of it.
        status: The server's status, where it answered.
        request_id: What the provider calls the request, where it says so.
        retry_after_seconds: The wait that the provider asked for.
        is_retryable: Overrules the kind.
    """
    model = request.endpoint.model
    told = _one_line(without_keys(words, request.endpoint))
    remedy = _REMEDIES.get(kind, "").format(variable=key_variable(request.endpoint))
    place = ", ".join(filter(None, (str(status or ""), f"request {_one_line(request_id)}" if request_id else "")))
    head = f"{model}: {kind}" + (f" ({place})" if place else "")
    return CallError(
        "\n".join(line for line in (f"{head}: {told}", remedy) if line),
        model=model,
        kind=kind,
        status=status,
        is_retryable=kind in _RETRYABLE if is_retryable is None else is_retryable,
        may_be_billed=kind in _MAY_BE_BILLED,
        retry_after_seconds=retry_after_seconds,
    )


def _one_line(text: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text)
    short = " ".join(plain.split())
    return short if len(short) <= _MOST_WORDS else f"{short[:_MOST_WORDS]}..."
