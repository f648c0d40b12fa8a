"""What goes out to Anthropic's Messages API, and which requests may go there at all."""

from __future__ import annotations

import os
from typing import Any

from pytest_llmcost.calls.providers.chat.keys import ANTHROPIC, HOMES, has_key_of
from pytest_llmcost.calls.providers.chat.messages import is_plain, messages_of, stated
from pytest_llmcost.calls.providers.direct.anthropic.tools import are_plain_tools, tool_choice_of, tools_of
from pytest_llmcost.domain.request import Endpoint, Request

API_VERSION = "2023-06-01"
_PATH = "/v1/messages"
_CONSUMER_KEY = "sk-ant-oat"
"""How a token of a subscription begins; it needs headers that litellm knows."""
_PASSED = {"max_tokens", "temperature", "top_p", "top_k", "stream"}
_TOOLS = {"tools", "tool_choice", "parallel_tool_calls"}
_CREDENTIALS = ("x-api-key", "authorization")


def can_ask(request: Request, mode: str) -> bool:
    """Whether the direct way asks for the same as litellm would; where that is not certain, litellm is asked.

    A response format, for one, goes out as another thing to each generation of models, and
    litellm knows which.

    Args:
        request: A request to a model of the provider `anthropic`.
        mode: What the price map says that the model is for; empty where it does not know it.
    """
    is_chat = mode in ("", "chat") and not request.endpoint.extra
    params = stated(request)
    return (
        is_chat
        and params.keys() <= _PASSED | _TOOLS | {"stop"}
        and _takes_turns(request)
        and are_plain_tools(params)
        and _has_plain_key(request.endpoint)
    )


def url_of(endpoint: Endpoint) -> str:
    """Return the address that the request is posted to; a base may name it in full, as for litellm."""
    base = (endpoint.api_base or HOMES[ANTHROPIC]).rstrip("/")
    return base if base.endswith(_PATH) else base + _PATH


def body_of(request: Request) -> dict[str, Any]:
    """Return the body, before it is written as JSON."""
    params = stated(request)
    messages = messages_of(request)
    system = [message for message in messages if message["role"] == "system"]
    turns = [message for message in messages if message["role"] != "system"]
    body = {
        "model": request.endpoint.model.removeprefix("anthropic/"),
        "messages": [{"role": message["role"], "content": _parts(message)} for message in turns],
        **{name: value for name, value in params.items() if name in _PASSED},
    }
    if system:
        body["system"] = [part for message in system for part in _parts(message)]
    if "stop" in params:
        body["stop_sequences"] = [params["stop"]] if isinstance(params["stop"], str) else list(params["stop"])
    if params.get("tools"):
        body |= {"tools": tools_of(params["tools"]), **tool_choice_of(params)}
    return body


def headers_of(endpoint: Endpoint) -> dict[str, str]:
    """Return the headers, the key among them; the endpoint's own come last and win."""
    headers = {
        "anthropic-version": API_VERSION,
        "content-type": "application/json",
        "accept": "application/json",
        "user-agent": "pytest-llmcost",
    }
    return headers | _credentials(endpoint) | {name.lower(): value for name, value in endpoint.headers.items()}


def lacks_key(endpoint: Endpoint) -> bool:
    """Whether *endpoint* needs a key that is not in the environment.

    A server that the configuration names gets the key that the configuration names for
    it, or none: Anthropic's key goes to Anthropic, and where the environment says it is.
    """
    if endpoint.api_key_env:
        return not _variable(endpoint.api_key_env)
    brings_its_own = any(name.lower() in _CREDENTIALS for name in endpoint.headers)
    return not brings_its_own and has_key_of(ANTHROPIC, endpoint) and not _credentials(endpoint)


def _credentials(endpoint: Endpoint) -> dict[str, str]:
    """Return the header that holds the key, as Anthropic's own client sends it."""
    if endpoint.api_key_env:
        return {"x-api-key": _variable(endpoint.api_key_env)}
    if not has_key_of(ANTHROPIC, endpoint):
        return {}
    if key := _variable("ANTHROPIC_API_KEY"):
        return {"x-api-key": key}
    token = _variable("ANTHROPIC_AUTH_TOKEN")
    return {"authorization": f"Bearer {token}"} if token else {}


def _variable(name: str) -> str:
    return os.environ.get(name, "").strip()


def _has_plain_key(endpoint: Endpoint) -> bool:
    key = _variable(endpoint.api_key_env or "ANTHROPIC_API_KEY")
    is_federated = bool(_variable("ANTHROPIC_FEDERATION_RULE_ID")) and lacks_key(endpoint)
    return not key.startswith(_CONSUMER_KEY) and not is_federated


def _takes_turns(request: Request) -> bool:
    """Whether the chat is one that litellm, too, leaves as it is: system first, then turns, of text, the user's last.

    Else it joins turns of one role, and cuts what a model is to continue.
    """
    if not is_plain(request) or any(not message.keys() <= {"role", "content"} for message in request.messages):
        return False
    messages = messages_of(request)
    roles = [str(message["role"]) for message in messages]
    turns = roles[next((place for place, role in enumerate(roles) if role != "system"), len(roles)) :]
    expected = ["user", "assistant"] * (len(turns) // 2) + ["user"]
    return turns == expected and all(str(message["content"]).strip() for message in messages)


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content  # (parts: of a marked prefix)
