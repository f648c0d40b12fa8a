"""Whether a server answers: one GET a configured address, without a key, bounded in time."""

from __future__ import annotations

import http.client
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from pytest_llmcost.cli.doctor.finding import BAD, OK, WARN, Finding

SECONDS = 5.0
_TOPIC = "online"
_NEEDS_KEY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def reached(bases: Iterable[str]) -> Iterator[Finding]:
    """Yield what each address answers when it is asked for its models.

    No key, header or cookie goes out, nor what an address has beside host and path, and
    no redirection is followed: nobody but the configured server is connected to (by a
    proxy, where the environment names one).
    """
    probes = [_Probe(address) for address in dict.fromkeys(map(_without_secrets, bases))]
    if not probes:
        yield Finding(OK, _TOPIC, "no api_base is configured, so that nothing was asked")
    end = time.monotonic() + SECONDS
    for probe in probes:
        probe.start()
    for probe in probes:
        probe.join(max(0.0, end - time.monotonic()))
        yield probe.finding


class _Probe(threading.Thread):
    """Asks one server. One that drips outlasts any time limit of a socket: the thread is left behind then."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self._address = address
        self.finding = Finding(BAD, _TOPIC, f"{address} gave no answer in {SECONDS:g} seconds", "Is it running?")

    def run(self) -> None:
        self.finding = self._ask()

    def _ask(self) -> Finding:
        if not self._address.startswith(("http://", "https://")):
            return Finding(BAD, _TOPIC, f"{self._address} is no address of the web", "Write http://... or https://...")
        try:
            return self._judge(_status_of(f"{self._address}/models"))
        except (OSError, ValueError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            return Finding(BAD, _TOPIC, f"{self._address} cannot be reached: {reason}", "Is it running?")

    def _judge(self, status: int) -> Finding:
        if status in _NEEDS_KEY:
            return Finding(OK, _TOPIC, f"{self._address} answers, and wants a key ({status}): none was sent")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Finding(BAD, _TOPIC, f"{self._address} answers with an error ({status})", "Look at its log.")
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            todo = "It may serve models all the same; look at the address if calls fail."
            return Finding(WARN, _TOPIC, f"{self._address}/models answers {status}", todo)
        return Finding(OK, _TOPIC, f"{self._address} answers")


class _Staying(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nobody elsewhere."""


def _status_of(url: str) -> int:
    request = urllib.request.Request(url, headers={"User-Agent": "pytest-llmcost"})
    try:
        with urllib.request.build_opener(_Staying).open(request, timeout=SECONDS) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def _without_secrets(url: str) -> str:
    """Return an address without user, password and query: there may be a key in them."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an api_base"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
