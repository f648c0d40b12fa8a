"""Redis's client, made in one place: bounded in time, named without its password."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from pytest_llmcost.domain.errors import SettingsError

if TYPE_CHECKING:
    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis

T = TypeVar("T")

SCHEMES = ("redis://", "rediss://")
_FIRST_WAIT_SECONDS, _LAST_WAIT_SECONDS = 0.05, 1.0


def async_client(url: str, key: str, *, timeout_seconds: float, retries: int) -> AsyncRedis:
    """Return a client for one event loop; nothing is connected yet.

    Args:
        url: `redis://host:port/database`, or `rediss://`.
        key: The configuration's key that names it, for messages.
        timeout_seconds: Of connecting, and of each reply.
        retries: How often a command is sent again.

    Raises:
        SettingsError: If the `redis` extra is not installed, or the URL is none.
    """
    try:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import ExponentialBackoff
    except ImportError as error:
        raise not_installed(key) from error
    retry = Retry(ExponentialBackoff(cap=_LAST_WAIT_SECONDS, base=_FIRST_WAIT_SECONDS), retries)
    return _client(Redis.from_url, url, key, timeout_seconds, retry)


def plain_client(url: str, key: str, *, timeout_seconds: float) -> Redis:
    """Return a client for commands that wait; otherwise as `async_client`, without retries.

    Raises:
        SettingsError: If the `redis` extra is not installed, or the URL is none.
    """
    try:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise not_installed(key) from error
    return _client(Redis.from_url, url, key, timeout_seconds, Retry(NoBackoff(), 0))


def _client(make: Callable[..., T], url: str, key: str, timeout_seconds: float, retry: object) -> T:
    try:
        return make(url, socket_timeout=timeout_seconds, socket_connect_timeout=timeout_seconds, retry=retry)
    except ValueError as error:
        raise _no_address(key) from error


def is_address(text: str) -> bool:
    """Whether a text is the address of a Redis, with a host and a possible port."""
    try:
        parts = urlsplit(text)
        return text.startswith(SCHEMES) and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def place_of(url: str) -> str:
    """Return `host:port`, without a user or a password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 6379}"


def not_installed(key: str) -> SettingsError:
    """Return the error that the `redis` extra is missing, for the key that needs it."""
    return SettingsError(f"{key} needs Redis's client. Install it: pip install 'pytest-llmcost[redis]'", key=key)


def _no_address(key: str) -> SettingsError:
    return SettingsError(f"{key}: an address such as redis://host:port/0 is needed", key=key)
