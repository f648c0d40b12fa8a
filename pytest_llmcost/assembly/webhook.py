"""A JSON document is posted to a web address, which is itself a secret: nothing of it but its host is ever shown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from pytest_llmcost.domain.errors import LlmCostError, SettingsError

TIMEOUT_SECONDS = 10.0
ATTEMPTS = 3
FIRST_WAIT_SECONDS = 1.0
_PASSES = frozenset({408, 425, 429})
"""Refusals that may not last; so may any of 500 and above."""


class WebhookError(LlmCostError):
    """A document could not be delivered."""


def post(
    url: str,
    document: Mapping[str, Any],
    timeout_seconds: float = TIMEOUT_SECONDS,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Post a document, up to three times; redirects are not followed, since they lead elsewhere.

    Raises:
        SettingsError: If the address is none of http or https.
        WebhookError: If nobody took it.
    """
    import http.client
    import urllib.error
    import urllib.request

    host = _host(url)
    headers = {"Content-Type": "application/json", "User-Agent": "pytest-llmcost"}
    request = urllib.request.Request(url, json.dumps(document).encode(), headers, method="POST")
    opener = urllib.request.build_opener(_no_redirects())
    said = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            sleep(FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
        try:
            with opener.open(request, timeout=timeout_seconds):
                return
        except urllib.error.HTTPError as error:
            error.close()
            said = f"it answered with status {error.code}"
            if error.code < 500 and error.code not in _PASSES:
                break
        except (OSError, http.client.HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            said = type(reason).__name__  # (its text may hold the address)
    raise WebhookError(f"the webhook at {host} did not take the alerts: {said}. Check its address.") from None


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and url.isascii() and url.isprintable():
            return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        pass  # a port that is no number, say: refused below, without what may be a secret in it
    raise SettingsError("--webhook: an address as https://HOST/PATH is needed.", key="webhook")


def _no_redirects() -> Any:
    import urllib.request

    class Refuse(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None

    return Refuse
