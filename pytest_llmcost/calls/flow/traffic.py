"""All lanes of a process: which of them a call goes through, and what the headers of replies tell about them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pytest_llmcost.calls.flow.lane import Lane, Ticket
from pytest_llmcost.calls.flow.learned import read_quotas
from pytest_llmcost.calls.flow.limits import FlowLimits
from pytest_llmcost.calls.flow.server import Server
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Endpoint, Request


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to send one attempt of a call.

    Attributes:
        tickets: Its places in the lanes of its server and of its model.
        round: The server's round of refusals in which it was given.
    """

    server: Server
    tickets: tuple[Ticket, ...]
    round: int

    def answered(self, completion: Completion) -> None:
        """Note that the server bears what it is asked, and what the answer took."""
        self.server.congestion.answered()
        if not completion.usage.is_estimated:
            self._took(completion.usage.total_tokens)

    def failed(self, error: CallError, request: Request) -> None:
        """Note why there is no answer; the error is told at length only once where it meets every call."""
        self.server.failed(error, request, self.round, _now())
        if not error.may_be_billed:
            self._took(0)

    def unsent(self) -> None:
        """Note that nothing was sent after all."""
        for ticket in self.tickets:
            ticket.unsent()

    def end(self) -> None:
        """Let others have the place."""
        for ticket in self.tickets:
            ticket.give_back()
        self.server.bell.ring()

    def _took(self, tokens: int) -> None:
        for ticket in self.tickets:
            ticket.took(tokens)


@dataclass(frozen=True, slots=True)
class Route:
    """The lanes that a call goes through: of its server, and of its model there."""

    server: Server
    model: Lane

    @property
    def counts_tokens(self) -> bool:
        """Whether it matters how many tokens a call takes."""
        return self.server.lane.counts_tokens or self.model.counts_tokens

    async def enter(self, request: Request, tokens: int) -> Pass:
        """Wait until *request* may be sent: one model's calls go in the order in which they came.

        Raises:
            CallError: If waiting will not help it.
        """
        async with self.model.turn:
            while (wait := self._wait_seconds(request, tokens)) > 0:
                await self.server.bell.wait(wait)
            now = _now()
            self.server.congestion.sent(now)
            tickets = tuple(lane.enter(tokens, now) for lane in (self.server.lane, self.model))
            return Pass(self.server, tickets, self.server.congestion.round)

    def _wait_seconds(self, request: Request, tokens: int) -> float:
        now = _now()
        return max(self.server.wait_seconds(request, tokens, now), self.model.wait_seconds(tokens, now))


class Traffic:
    """Everything that is asked of remote models and local ones, by server and by model; belongs to one loop.

    Args:
        limits: By provider, by model, or by a configured model's name.
        in_flight: Calls at once to one server, where no limit says how many.
        patience_seconds: How long a server may refuse all calls before those that wait give up.
        warn: Told once of each key that no more calls are sent with.
        provider_of: Tells whose limits hold for an endpoint.

    Attributes:
        waiting: Calls that may not be sent yet.
    """

    def __init__(
        self,
        limits: Mapping[str, FlowLimits] | None = None,
        in_flight: int = 32,
        patience_seconds: float = 60.0,
        warn: Callable[[str], None] = lambda _: None,
        provider_of: Callable[[Endpoint], str] = lambda endpoint: endpoint.provider,
    ) -> None:
        self._limits = limits or {}
        self._default = in_flight
        self._patience_seconds = patience_seconds
        self._warn = warn
        self._provider_of = provider_of
        self._servers: dict[tuple[str, ...], Server] = {}
        self._models: dict[tuple[str, ...], Lane] = {}
        self._routes: dict[tuple[str, ...], Route] = {}
        self.waiting = 0

    @property
    def in_flight(self) -> int:
        """Calls that are under way."""
        return sum(server.lane.in_flight for server in self._servers.values())

    def route(self, endpoint: Endpoint) -> Route:
        """Return the lanes of an endpoint, made when the first call comes."""
        key = (endpoint.label, endpoint.model, *_key_at_server(endpoint))
        if key not in self._routes:
            self._routes[key] = self._make(endpoint)
        return self._routes[key]

    def observe(self, endpoint: Endpoint, headers: Mapping[str, str]) -> None:
        """Learn from a reply's headers, their names in lower case, what the provider has left for a model."""
        if quotas := read_quotas(headers, _now()):
            route = self.route(endpoint)
            route.model.quotas |= quotas
            route.server.bell.ring()

    def _make(self, endpoint: Endpoint) -> Route:
        provider = self._provider_of(endpoint)
        place = (provider, *_key_at_server(endpoint))
        stated = self._limits.get(provider, FlowLimits())
        if place not in self._servers:
            self._servers[place] = Server(stated, self._default, self._patience_seconds, self._warn)
        name = endpoint.name if endpoint.name in self._limits else endpoint.model
        of_model = self._limits.get(name, FlowLimits())
        if stated.in_flight is None and of_model.in_flight is not None:
            self._servers[place].congestion.raise_ceiling(of_model.in_flight)
        model = self._models.setdefault((name, *place), Lane(of_model))
        return Route(self._servers[place], model)


def _key_at_server(endpoint: Endpoint) -> tuple[str, ...]:
    """Return what tells one key at one server from another: either may stand in the headers, too."""
    return (endpoint.api_base or "", endpoint.api_key_env or "", str(endpoint.headers), str(endpoint.extra))


def _now() -> float:
    return asyncio.get_running_loop().time()
