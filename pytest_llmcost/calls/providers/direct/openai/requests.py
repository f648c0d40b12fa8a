"""What goes out to OpenAI's chat completions, and which requests may go there at all."""

from __future__ import annotations

import os
import re
from typing import Any

from pytest_llmcost.calls.providers.chat.keys import HOMES, OPENAI, has_key_of
from pytest_llmcost.calls.providers.chat.messages import is_plain, messages_of, stated
from pytest_llmcost.domain.request import Endpoint, Request

_ACCOUNT = {
    "openai-organization": ("OPENAI_ORGANIZATION", "OPENAI_ORG_ID"),
    "openai-project": ("OPENAI_PROJECT_ID",),
}
"""Headers that OpenAI's own client takes from the environment, beside the key."""

_THINKS = re.compile(r"(?:.*/)?(?:o\d|.*gpt-[56](?!-chat))")
_THINKS_ADAPTED = re.compile(r"(?:.*/)?gpt-[56](?!.*search)")
_PASSED_THINKING = {"max_tokens", "seed", "response_format", "service_tier", "stream"}
_PASSED = _PASSED_THINKING | {
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "parallel_tool_calls",
    "presence_penalty",
    "stop",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
}
"""Parameters that litellm, too, hands on to OpenAI as they are."""


def can_ask(request: Request, mode: str) -> bool:
    """Whether the direct way asks for the same as litellm would; where that is not certain, litellm is asked.

    Models that think take few parameters, and litellm knows which; the older ones need
    their messages rewritten as well.

    Args:
        request: A request to a model of the provider `openai`.
        mode: What the price map says that the model is for; empty where it does not know it.
    """
    model = request.endpoint.model
    passed = _PASSED
    if _THINKS.match(model):
        if not _THINKS_ADAPTED.match(model):
            return False
        passed = _PASSED_THINKING
    is_known = all(message.keys() <= {"role", "content"} for message in request.messages)
    is_chat = mode in ("", "chat") and not request.endpoint.extra
    return is_chat and is_known and is_plain(request) and stated(request).keys() <= passed


def url_of(endpoint: Endpoint) -> str:
    """Return the address that the request is posted to."""
    return f"{(endpoint.api_base or HOMES[OPENAI]).rstrip('/')}/chat/completions"


def body_of(request: Request) -> dict[str, Any]:
    """Return the body, before it is written as JSON."""
    model = request.endpoint.model.removeprefix("openai/")
    params = stated(request)
    if params.get("stream"):
        params["stream_options"] = {"include_usage": True}
    if _THINKS.match(model) and "max_tokens" in params:
        params["max_completion_tokens"] = params.pop("max_tokens")
    return {"model": model, "messages": messages_of(request), **params}


def headers_of(endpoint: Endpoint) -> dict[str, str]:
    """Return the headers, the key among them; the endpoint's own come last and win."""
    headers = {"content-type": "application/json", "accept": "application/json", "user-agent": "pytest-llmcost"}
    if key := key_of(endpoint):
        headers["authorization"] = f"Bearer {key}"
    if has_key_of(OPENAI, endpoint):
        found = {name: next(filter(None, map(os.environ.get, names)), None) for name, names in _ACCOUNT.items()}
        headers |= {name: value for name, value in found.items() if value}
    return headers | {name.lower(): value for name, value in endpoint.headers.items()}


def key_of(endpoint: Endpoint) -> str | None:
    """Return the key to send, "" where none is to be sent, None where one is needed and missing.

    A server that the configuration names gets the key that the configuration names for
    it, or none: OpenAI's key goes to OpenAI, and where the environment says OpenAI is.
    """
    if endpoint.api_key_env:
        return os.environ.get(endpoint.api_key_env, "").strip() or None
    if "authorization" in map(str.lower, endpoint.headers) or not has_key_of(OPENAI, endpoint):
        return ""
    return os.environ.get("OPENAI_API_KEY", "").strip() or None


def lacks_key(endpoint: Endpoint) -> bool:
    """Whether *endpoint* needs a key that is not in the environment."""
    return key_of(endpoint) is None
