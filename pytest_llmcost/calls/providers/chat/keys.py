"""Keys: which variable holds one, where it may go, and that none is ever shown."""

from __future__ import annotations

import os
import re
from urllib.parse import quote

from pytest_llmcost.domain.request import Endpoint

OPENAI = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"
HIDDEN = "[hidden]"
_IS_OPENAIS = re.compile(r"https://api\.openai\.com(?::443)?(?:/|$)", re.I)
_OPENAIS_PLACE = ("OPENAI_BASE_URL", "OPENAI_API_BASE")
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


def has_openais_key(endpoint: Endpoint) -> bool:
    """Whether what the environment holds for OpenAI may go to *endpoint*, a server that speaks as OpenAI does.

    An address in the project's files may come from a stranger; one in the environment is
    the user's own choice.
    """
    if endpoint.api_key_env:
        return False
    base = endpoint.api_base or OPENAI
    return _IS_OPENAIS.match(base) is not None or base in map(os.environ.get, _OPENAIS_PLACE)


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
