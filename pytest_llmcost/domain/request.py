"""A request to a model, and what makes two requests the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_llmcost.domain.digest import digest

IMPLICIT, MARKED = "implicit", "marked"
"""How a provider comes to keep a prompt's beginning: by itself, or because it is told where that ends."""

Message = Mapping[str, Any]
"""One chat message: `role`, `content` and what else the provider takes."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how to reach a model.

    Attributes:
        model: The provider's name of it, as litellm writes it: `openai/gpt-4o-mini`,
            `local/smollm2-135m`.
        api_base: The resolved address, or None for the provider's own.
        api_key_env: Name of the environment variable that holds the key.
        headers: Further HTTP headers.
        extra: Passed on to litellm: `api_version`, `aws_region_name`, ...
        name: What the configuration calls it, if it does: prices and tables go by it. Not part of a key.
    """

    model: str
    api_base: str | None = None
    api_key_env: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def label(self) -> str:
        """The name that prices, run files and tables know it by."""
        return self.name or self.model

    @property
    def provider(self) -> str:
        """The part of the model's name before the first slash."""
        return self.model.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that can change the answer, and a little that cannot.

    Attributes:
        endpoint: The model and where it is reached.
        messages: The chat. With `style` text a provider that completes plain text
            joins the contents with blank lines; the others send them as one user message.
        params: Sampling and length, as litellm names them; `max_tokens` is always there.
            Tools and the response format stand here, too.
        style: `chat` or `text`.
        trial: Which execution of the case this is, from 1; another trial is another request.
        prefix_messages: How many leading messages are the same for every case of the
            strategy, so that a provider can keep their state. Not part of the key.
        prefix_cache: What is done so that the provider keeps these messages: nothing, where it
            is empty; `implicit`: it does so by itself, and the first of several requests goes
            ahead; `marked`: they are marked as well, which is part of the key (with their number). The answer is
            the same, but its usage is not, and that is kept with it.
        about: Who asks (suite, strategy, case, trial). Not part of the key; it lets a
            missing recording say what changed.
        budgets: Names of the budgets that this call is charged to. Not part of the key.
        timeout_seconds: What is left of the call's whole time. Not part of the key.
        step: Which step of a cascade asks, from 0. Not part of the key.
    """

    endpoint: Endpoint
    messages: tuple[Message, ...]
    params: Mapping[str, Any]
    style: str = "chat"
    trial: int = 1
    prefix_messages: int = 0
    prefix_cache: str = ""
    about: str = ""
    budgets: tuple[str, ...] = ()
    timeout_seconds: float = 60.0
    step: int = 0
    _key: str = field(default="", init=False, repr=False, compare=False)

    def parts(self) -> dict[str, Any]:
        """Return what the key is made of, by the name a user knows it by."""
        return {
            "model": self.endpoint.model,
            "api_base": self.endpoint.api_base,
            "headers": dict(self.endpoint.headers),
            "extra": dict(self.endpoint.extra),
            "messages": [dict(m) for m in self.messages],
            "params": dict(self.params),
            "style": self.style,
            "trial": self.trial,
            **({"prefix_cache": self.prefix_messages} if self.prefix_cache == MARKED else {}),
        }

    def key(self) -> str:
        """Return the SHA-256 that names this request in caches and recordings."""
        if not self._key:  # reckoned once: cache, flight and books ask for it
            object.__setattr__(self, "_key", digest(self.parts()))
        return self._key
