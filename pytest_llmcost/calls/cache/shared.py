"""Answers shared by machines, in Redis: what it returns is somebody else's data, and a run goes on without it.

Only texts of our own codec go in and out; nothing is unpickled. When Redis does not answer in
time it is left alone for the rest of the run: one that is slow would hold up every call anew.
"""

from __future__ import annotations

from collections.abc import Callable

from pytest_llmcost.calls.cache.layers import DAY_SECONDS
from pytest_llmcost.calls.cache.seal import BrokenSeal, Seal
from pytest_llmcost.calls.redis_client import async_client, place_of

PREFIX = "llmcost:answer:"
"""Before a request's key: nothing else of that Redis is read, written or deleted."""
MOST_BYTES = 16 * 2**20
"""Of a value: a larger one is none of ours."""
TIMEOUT_SECONDS = 2.0
_RETRIES = 1


class SharedShelf:
    """A `Shelf` in Redis, for one event loop.

    Args:
        url: `redis://host:port/database`, or `rediss://`.
        warn: Called once when Redis is away, with what follows from it.
        ttl_days: How long answers are kept after they were stored; 0 is for ever. A day is added,
            so that none is gone in the middle of a run that began while it was fresh.
        secret: Seals what is stored, so that what others planted is refused; empty where there is none.

    Raises:
        SettingsError: If the `redis` extra is not installed, or the URL is none.
    """

    def __init__(self, url: str, warn: Callable[[str], None], ttl_days: float = 0.0, secret: str = "") -> None:
        self._redis = async_client(url, "cache", timeout_seconds=TIMEOUT_SECONDS, retries=_RETRIES)
        self._place = place_of(url)
        self._seal = Seal(secret)
        self._warn = warn
        self._seconds_kept = round((ttl_days + 1) * DAY_SECONDS) if ttl_days else None
        self._is_away = False
        self._is_only_read = False
        self._has_refused = False

    async def get(self, key: str) -> str | None:
        """Return what is stored; what is no text of bounded length counts as absent, said once."""
        if self._is_away:
            return None
        from redis.exceptions import RedisError, ResponseError

        try:
            value = await self._redis.getrange(PREFIX + key, 0, MOST_BYTES)
        except ResponseError as error:  # another kind of value stands there, or nothing may be read
            self._refuse(key, str(error))
            return None
        except (RedisError, OSError) as error:
            self._lose(error)
            return None
        return self._text(key, value) if value and isinstance(value, bytes) else None

    async def set(self, key: str, text: str) -> bool:
        """Store a text whole; False where Redis is away, or it would not be read again."""
        stored = self._seal.close(key, text)
        if self._is_away or self._is_only_read or len(stored) > MOST_BYTES:
            return False
        from redis.exceptions import RedisError, ResponseError

        try:
            return bool(await self._redis.set(PREFIX + key, stored, ex=self._seconds_kept))
        except ResponseError as error:  # its memory is full, or it is a copy
            self._only_read(error)
            return False
        except (RedisError, OSError) as error:
            self._lose(error)
            return False

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    def _text(self, key: str, value: bytes) -> str | None:
        try:
            return text_of(self._seal, key, value)
        except BrokenSeal as refused:
            self._refuse(key, str(refused))
            return None

    def _lose(self, error: BaseException) -> None:
        if not self._is_away:
            self._is_away = True
            self._warn(
                f"the shared cache redis {self._place} cannot be used ({error or type(error).__name__}).\n"
                "The run goes on without it: answers are kept on this machine."
            )

    def _only_read(self, error: BaseException) -> None:
        if not self._is_only_read:
            self._is_only_read = True
            self._warn(
                f"the shared cache redis {self._place} takes nothing ({error}).\n"
                "It is only read from now on: answers are kept on this machine."
            )

    def _refuse(self, key: str, fault: str) -> None:
        if not self._has_refused:
            self._has_refused = True
            self._warn(
                f"refused answer {key[:20]} of the shared cache redis {self._place}: {fault}.\n"
                "It counts as absent, and others like it; `llmcost cache verify` names them."
            )


def text_of(seal: Seal, key: str, value: bytes) -> str:
    """Return the text that a value of Redis holds.

    Raises:
        BrokenSeal: If it cannot be ours: those are ASCII, not endless, and sealed where there is a secret.
    """
    if len(value) > MOST_BYTES:
        raise BrokenSeal(f"it has more than {MOST_BYTES // 2**20} MB")
    if not value.isascii():
        raise BrokenSeal("it is no ASCII text")
    return seal.open(key, value.decode("ascii"))
