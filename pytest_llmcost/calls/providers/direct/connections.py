"""Connections: as many as are asked for, kept open between calls, by the proxy that the environment names."""

from __future__ import annotations

import os
import ssl
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import aiohttp


class Connections:
    """The connections of one loop; opened at the first call, as aiohttp is imported then."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._trusted: ssl.SSLContext | None = None
        self._proxies: dict[tuple[str, str], str | None] = {}

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> aiohttp.ClientResponse:
        """Send *body* and return the reply once its headers are there; redirects are not followed.

        Args:
            url: Where to.
            body: What.
            headers: With the key.
            seconds: The time limit, until the last byte of the reply.
        """
        import aiohttp

        if self._session is None:
            # Calls in flight are limited by the chain. No `.netrc`: it may hold another server's password.
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            )
        return await self._session.post(
            url,
            data=body,
            headers=headers,
            allow_redirects=False,
            proxy=self._proxy_for(url),
            ssl=self._trust() if url.startswith("https:") else True,
            timeout=aiohttp.ClientTimeout(total=seconds),
        )

    async def aclose(self) -> None:
        """Close them all; the next call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _proxy_for(self, url: str) -> str | None:
        parts = urlsplit(url)
        place = (parts.scheme, parts.hostname or "")
        if place not in self._proxies:
            self._proxies[place] = _proxy(*place)
        return self._proxies[place]

    def _trust(self) -> ssl.SSLContext:
        """Return the authorities that are trusted, as for litellm: `SSL_CERT_FILE`, else Mozilla's list."""
        if self._trusted is None:
            import certifi

            stated = os.environ.get("SSL_CERT_FILE", "")
            self._trusted = ssl.create_default_context(cafile=stated if os.path.exists(stated) else certifi.where())
        return self._trusted


def _proxy(scheme: str, host: str) -> str | None:
    """Return the proxy that the usual variables name, `NO_PROXY` respected."""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
