"""The answers in a Redis looked through: only keys of ours, and whatever stands there is data."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from pytest_llmcost.calls.cache.seal import BrokenSeal, Seal
from pytest_llmcost.calls.cache.shared import MOST_BYTES, PREFIX, TIMEOUT_SECONDS, text_of
from pytest_llmcost.calls.cache.upkeep.kept import CacheError, Kept
from pytest_llmcost.calls.redis_client import place_of, plain_client
from pytest_llmcost.domain.avoided import SHARED

if TYPE_CHECKING:
    from redis import Redis

REFUSED_PREFIX = "llmcost:refused:"
"""Where rows are set aside: no run reads there."""
_AT_ONCE = 500
_READ_AT_ONCE = 20
"""Values, each of which may be as large as is read at all."""


@dataclass(frozen=True, slots=True)
class SharedCache:
    """The answers in a Redis, for whoever looks after them.

    Attributes:
        url: `redis://host:port/database`, or `rediss://`.
        secret: What its answers are sealed with; empty where they are not.
    """

    url: str
    secret: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """What people know it by, without a password."""
        return f"redis {place_of(self.url)}"

    @property
    def origin(self) -> str:
        """What its answers are counted as."""
        return SHARED

    @property
    def size_bytes(self) -> int:
        """What all of that Redis's data takes in memory, ours or not.

        Raises:
            CacheError: If it does not answer.
        """
        with self._client() as redis:
            return int(cast(Any, redis.info("memory"))["used_memory"])

    def bounds(self) -> str:
        """Return what that Redis does when its memory is full, in its own words.

        Raises:
            CacheError: If it does not answer.
        """
        with self._client() as redis:
            about = cast(Any, redis.info("memory"))
        return f"maxmemory {about.get('maxmemory_human', '?')}, {about.get('maxmemory_policy', '?')}"

    def kept(self) -> Iterator[Kept]:
        """Yield every row, also one that is refused, with why.

        Raises:
            CacheError: If it does not answer.
        """
        with self._client() as redis:
            names = redis.scan_iter(match=f"{PREFIX}*", count=_AT_ONCE)
            while some := list(itertools.islice(names, _READ_AT_ONCE)):
                with redis.pipeline(transaction=False) as reading:
                    for name in some:
                        reading.getrange(name, 0, MOST_BYTES)
                    found = reading.execute(raise_on_error=False)
                yield from map(self._row, some, found)

    def remove(self, kept: Iterable[Kept]) -> int:
        """Delete rows, and return how many there were.

        Raises:
            CacheError: If it does not answer.
        """
        names = [_name(one) for one in kept]
        with self._client() as redis:
            return sum(
                int(cast(Any, redis.delete(*names[start : start + _AT_ONCE])))
                for start in range(0, len(names), _AT_ONCE)
            )

    def set_aside(self, kept: Sequence[Kept]) -> str:
        """Rename rows so that no run reads them, and return what their names begin with.

        Raises:
            CacheError: If it does not answer.
        """
        with self._client() as redis:
            for one in kept:
                redis.rename(_name(one), REFUSED_PREFIX.encode() + _name(one).removeprefix(PREFIX.encode()))
        return REFUSED_PREFIX

    def _row(self, name: bytes, value: Any) -> Kept:
        key = name.decode("utf-8", "surrogateescape").removeprefix(PREFIX)
        if isinstance(value, Exception):  # another kind of value stands there
            return Kept(key, "", str(value))
        try:
            return Kept(key, text_of(Seal(self.secret), key, value))
        except BrokenSeal as refused:
            return Kept(key, "", str(refused))

    @contextlib.contextmanager
    def _client(self) -> Iterator[Redis]:
        from redis.exceptions import RedisError

        client = plain_client(self.url, "cache", timeout_seconds=TIMEOUT_SECONDS)
        try:
            yield client
        except (RedisError, OSError) as error:
            raise CacheError(f"the shared cache {self.name} cannot be used: {error}.\nStart that Redis.") from error
        finally:
            client.close()


def _name(kept: Kept) -> bytes:
    return (PREFIX + kept.key).encode("utf-8", "surrogateescape")
