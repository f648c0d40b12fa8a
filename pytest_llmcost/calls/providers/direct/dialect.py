"""A protocol in six functions: all that tells one provider's chat from another's on the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pytest_llmcost.calls.providers.chat.keys import ANTHROPIC, OPENAI
from pytest_llmcost.calls.providers.direct.anthropic.messages import message_as_chat
from pytest_llmcost.calls.providers.direct.anthropic.requests import body_of as anthropic_body
from pytest_llmcost.calls.providers.direct.anthropic.requests import headers_of as anthropic_headers
from pytest_llmcost.calls.providers.direct.anthropic.requests import lacks_key as lacks_anthropic_key
from pytest_llmcost.calls.providers.direct.anthropic.requests import url_of as anthropic_url
from pytest_llmcost.calls.providers.direct.anthropic.stream import MessageEvents
from pytest_llmcost.calls.providers.direct.openai.requests import body_of as openai_body
from pytest_llmcost.calls.providers.direct.openai.requests import headers_of as openai_headers
from pytest_llmcost.calls.providers.direct.openai.requests import lacks_key as lacks_openai_key
from pytest_llmcost.calls.providers.direct.openai.requests import url_of as openai_url
from pytest_llmcost.calls.providers.direct.openai.stream import ChatChunks
from pytest_llmcost.domain.request import Endpoint, Request


class Joining(Protocol):
    """A streamed reply in the making."""

    @property
    def has_begun(self) -> bool:
        """Whether a part of the answer is there; thought before it is none."""
        ...

    @property
    def is_whole(self) -> bool:
        """Whether the protocol's own end has come: where a connection ends says nothing."""
        ...

    def add(self, data: str) -> None:
        """Take in the data of one event.

        Raises:
            Unreadable: If it is none of the protocol, or tells of a failure.
            json.JSONDecodeError: If it is no JSON.
        """
        ...

    def reply(self) -> Any:
        """Return the whole as it would have come in one piece, in OpenAI's form.

        Raises:
            Unreadable: If nothing says why the answer ended.
        """
        ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one protocol is spoken.

    Attributes:
        lacks_key: Whether an endpoint needs a key that is not there.
        url_of: Where a request goes.
        headers_of: What goes with it, the key among them.
        body_of: What is asked, before it is written as JSON.
        read: Puts a parsed reply into OpenAI's form.
        join: Begins to put a streamed reply together.
    """

    lacks_key: Callable[[Endpoint], bool]
    url_of: Callable[[Endpoint], str]
    headers_of: Callable[[Endpoint], Mapping[str, str]]
    body_of: Callable[[Request], Mapping[str, Any]]
    read: Callable[[Any], Any]
    join: Callable[[], Joining]


DIALECTS: Mapping[str, Dialect] = {
    OPENAI: Dialect(lacks_openai_key, openai_url, openai_headers, openai_body, lambda reply: reply, ChatChunks),
    ANTHROPIC: Dialect(
        lacks_anthropic_key, anthropic_url, anthropic_headers, anthropic_body, message_as_chat, MessageEvents
    ),
}
"""By the provider whose protocol it is."""
