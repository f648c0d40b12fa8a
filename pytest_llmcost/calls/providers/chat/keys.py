"""Keys: which variable holds one, and that none is ever shown."""

from __future__ import annotations

import os
from urllib.parse import quote

from pytest_llmcost.domain.request import Endpoint

HIDDEN = "[hidden]"
_SHORTEST_SECRET = 4
_SECRET_NAMES = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")
_VARIABLES = {
    "azure": "AZURE_API_KEY",
    "bedrock": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "huggingface": "HF_TOKEN",
    "together_ai": "TOGETHERAI_API_KEY",
    "vertex_ai": "GOOGLE_APPLICATION_CREDENTIALS",
}


def key_variable(endpoint: Endpoint) -> str:
    """Return the name of the variable that the endpoint's key is expected in."""
    if endpoint.api_key_env:
        return endpoint.api_key_env
    if "/" not in endpoint.model:
        return "the provider's key variable"
    return _VARIABLES.get(endpoint.provider, f"{endpoint.provider.upper()}_API_KEY")


def without_keys(text: str, endpoint: Endpoint) -> str:
    """Return *text* with every known secret hidden, as it stands and as a URL writes it.

    Known are the endpoint's key and headers, and what the environment or the endpoint's
    extras hold under the name of a secret.
    """
    for secret in sorted(_secrets(endpoint), key=len, reverse=True):
        for written in (secret, quote(secret, safe="")):
            text = text.replace(written, HIDDEN)
    return text


def _secrets(endpoint: Endpoint) -> set[str]:
    everything = {**os.environ, **endpoint.extra}
    named = [str(value) for name, value in everything.items() if name.upper().endswith(_SECRET_NAMES)]
    own = [os.environ.get(endpoint.api_key_env or "", ""), *endpoint.headers.values()]
    bare = [value.removeprefix("Bearer ") for value in own]
    return {secret for secret in (*named, *own, *bare) if len(secret) >= _SHORTEST_SECRET}
