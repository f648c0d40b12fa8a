"""Keys: which variable holds one, where it may go, and that none is ever shown."""

from __future__ import annotations

import os
import re
from urllib.parse import quote

from pytest_llmcost.domain.request import Endpoint

OPENAI, ANTHROPIC = "openai", "anthropic"
HOMES = {OPENAI: "https://api.openai.com/v1", ANTHROPIC: "https://api.anthropic.com"}
"""Where the providers are that are asked directly, if nothing says otherwise."""
HIDDEN = "[hidden]"
_IS_HOME = {
    OPENAI: re.compile(r"https://api\.openai\.com(?::443)?(?:/|$)", re.I),
    ANTHROPIC: re.compile(r"https://api\.anthropic\.com(?::443)?(?:/|$)", re.I),
}
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


def has_key_of(provider: str, endpoint: Endpoint) -> bool:
    """Whether what the environment holds for *provider* may go to *endpoint*, a server that speaks as that one does.

    An address in the project's files may come from a stranger; one in the environment is
    the user's own choice.

    Args:
        provider: One of `HOMES`.
        endpoint: Where a request goes.
    """
    if endpoint.api_key_env:
        return False
    base = endpoint.api_base or HOMES[provider]
    by_environment = (os.environ.get(f"{provider.upper()}_{end}") for end in ("BASE_URL", "API_BASE"))
    return _IS_HOME[provider].match(base) is not None or base in by_environment


def is_foreign(endpoint: Endpoint) -> bool:
    """Whether a provider that has a home of its own is looked for elsewhere, so that its key must not go along.

    A model without a provider in its name may be anybody's.
    """
    providers = HOMES.keys() & {endpoint.provider} if "/" in endpoint.model else HOMES.keys()
    return bool(providers) and not any(has_key_of(provider, endpoint) for provider in providers)


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
