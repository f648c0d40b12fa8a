"""One key at one server: what it refuses one call, it refuses the others, so that not each of them has to find out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from pytest_llmcost.calls.flow.bell import Bell
from pytest_llmcost.calls.flow.congestion import Congestion
from pytest_llmcost.calls.flow.lane import Lane
from pytest_llmcost.calls.flow.limits import FlowLimits
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Request

REFUSALS = frozenset({429, 503, 529})
"""Statuses by which a server says that it is asked too much."""

FOR_GOOD = frozenset({"bad key", "no credit", "no key"})
"""Kinds of failure that meet every call with the same key."""


class Server:
    """What calls with one key to one server share: their limits, how much it bears, and whether it takes any.

    Args:
        limits: The provider's.
        in_flight: Calls at once, where the limits do not say.
        patience_seconds: How long it may refuse all calls before those that wait give up.
        warn: Told once when it takes no more calls.
    """

    def __init__(
        self, limits: FlowLimits, in_flight: int, patience_seconds: float, warn: Callable[[str], None]
    ) -> None:
        self.bell = Bell()
        self.lane = Lane(replace(limits, in_flight=None))  # how many at once, congestion says
        self.congestion = Congestion(limits.in_flight or in_flight)
        self._patience_seconds = patience_seconds
        self._warn = warn
        self._refusal = ("", "")
        self._closed: tuple[str, str] | None = None

    def wait_seconds(self, request: Request, tokens: int, now: float) -> float:
        """Return how long *request* must wait as things are; infinite where it waits for another one's end.

        Raises:
            CallError: If waiting will not help it; it counts as no attempt.
        """
        if self._closed is not None:
            raise _unsent(request, *self._closed)
        pause = self.congestion.paused_until - now
        if pause > 0:
            self._check_patience(request, pause, now)
        if self.lane.in_flight >= self.congestion.limit:
            return math.inf
        return max(pause, self.lane.wait_seconds(tokens, now))

    def failed(self, error: CallError, request: Request, sent_in: int, now: float) -> None:
        """Note why a call failed; where the reason holds for all, only the first tells it at length.

        Args:
            error: Of one attempt.
            request: What was asked.
            sent_in: The round of refusals in which it was sent.
            now: By the monotonic clock.
        """
        if error.kind in FOR_GOOD:
            if self._closed is None:
                self._close(error, request)
            else:
                error.args = (_text(request, *self._closed),)
        elif error.is_retryable and error.status in REFUSALS:
            self._refusal = (error.kind, f" ({error.status})")
            self.congestion.refused(sent_in, now, error.retry_after_seconds or 0.0)

    def _close(self, error: CallError, request: Request) -> None:
        self._closed = (error.kind, f", as {request.about or 'the first call'} was told; no more calls are sent")
        self._warn(f"no more calls are sent with this key: {error}")
        self.bell.ring()

    def _check_patience(self, request: Request, pause: float, now: float) -> None:
        refused = now - (self.congestion.refused_since or now)
        if pause >= request.timeout_seconds:
            left = request.timeout_seconds
            why = f"no call is wanted for {pause:,.0f} s, and {left:.3g} s of this one's time are left"
        elif refused + pause >= self._patience_seconds:
            why = f"every call was refused for {refused:,.0f} s"
        else:
            return
        kind, status = self._refusal
        raise _unsent(request, kind, f"{status}: {why}. Not sent.\nAsk less at once (--llm-concurrency), or later.")


def _unsent(request: Request, kind: str, why: str) -> CallError:
    """Return the error of a call that is not sent: it is no attempt, and costs nothing."""
    return CallError(_text(request, kind, why), model=request.endpoint.model, kind=kind, attempts=0)


def _text(request: Request, kind: str, why: str) -> str:
    return f"{request.endpoint.model}: {kind}{why}"
