"""From our request to litellm's arguments: all of it, or a refusal; nothing is dropped on the way."""

from __future__ import annotations

import copy
import math
import os
from typing import Any

from pytest_llmcost.calls.providers.chat.keys import has_openais_key
from pytest_llmcost.calls.providers.chat.kinds import call_failure
from pytest_llmcost.calls.providers.chat.messages import is_plain, messages_of, no_key
from pytest_llmcost.domain.request import Request

_OURS = {
    "model",
    "messages",
    "timeout",
    "api_base",
    "base_url",
    "api_key",
    "headers",
    "extra_headers",
    "shared_session",
}
_NO_KEY = "none"
"""litellm would take OpenAI's own, and cannot do without any."""
_NEVER = {"max_retries", "num_retries", "fallbacks", "caching", "cache", "mock_response", "stream", "client", "n"}
"""What would make litellm send more, less or something else than we count."""


def check_askable(request: Request) -> None:
    """Refuse what cannot be asked, before anything heavy is loaded.

    Raises:
        CallError: If the key is missing, or the request holds what must not be passed on.
    """
    endpoint = request.endpoint
    if "://" in endpoint.model:  # litellm would ask that address, with the provider's key
        raise call_failure(request, "bad request", "a model's name is no address: configure it with an api_base")
    if endpoint.api_key_env and not os.environ.get(endpoint.api_key_env):
        raise no_key(request)
    if refused := sorted((_OURS | _NEVER) & {*request.params, *endpoint.extra}):
        raise call_failure(request, "bad request", f"{', '.join(refused)} cannot be passed on to litellm")
    if request.style == "text" and not is_plain(request):
        raise call_failure(request, "bad request", "style: text takes messages of plain text alone")


def arguments_of(request: Request) -> dict[str, Any]:
    """Return the arguments of `litellm.acompletion` for *request*; the key is among them."""
    endpoint = request.endpoint
    arguments = {
        **endpoint.extra,
        **request.params,
        "model": endpoint.model,
        "messages": messages_of(request),
        "timeout": _rounded_up(request.timeout_seconds),
        "max_retries": 0,
    }
    if endpoint.api_base:
        arguments["api_base"] = endpoint.api_base
    if endpoint.api_key_env:
        arguments["api_key"] = os.environ[endpoint.api_key_env]
    elif endpoint.provider == "openai" and not has_openais_key(endpoint):
        arguments["api_key"] = _NO_KEY
    if request.params.get("tools"):
        arguments["_skip_mcp_handler"] = True  # else litellm needs a package of its proxy to pass tools on
    if endpoint.headers:
        arguments["extra_headers"] = dict(endpoint.headers)
    return copy.deepcopy(arguments)  # litellm writes into what it is given


def _rounded_up(seconds: float) -> float:
    """Return the next power of two: litellm opens a client for each time-out it meets, and the chain has its own."""
    return float(2 ** math.ceil(math.log2(max(seconds, 1.0))))
