"""The caches of a project: recordings first, then those that are configured, in their order.

Most have a folder alone: the other kinds, and what looks after caches, are loaded where they are there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llmcost.assembly.cache_places import DEFAULT_CACHE
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.calls.cache.layers import DAY_SECONDS, AtHand, Layer, Layers
from pytest_llmcost.calls.redis_client import not_installed, place_of
from pytest_llmcost.domain.avoided import LOCAL, RECORDINGS, SHARED
from pytest_llmcost.domain.errors import SettingsError

if TYPE_CHECKING:
    from pytest_llmcost.calls.cache.upkeep.kept import LookedAfter

MEGABYTE = 1_000_000
"""As `llmcost cache stats` counts them."""


def layers_of(settings: Settings, warn: Callable[[str], None]) -> Layers:
    """Return a project's caches, opened: close them on the thread that used them.

    Args:
        settings: The project's.
        warn: Called with what the user should know.

    Raises:
        SettingsError: If a cache's folder is open to anybody, or Redis's client is missing.
    """
    ttl = settings.cache_ttl_days
    return Layers(list(_layers(settings, warn)), warn, time.time() - ttl * DAY_SECONDS if ttl else 0.0)


def check_installed(settings: Settings) -> None:
    """Raise `SettingsError` where a cache needs a client that is not there: before anything is asked."""
    if any(isinstance(place, str) for place in settings.cache) and find_spec("redis") is None:
        raise not_installed("cache")


def thin(settings: Settings, started: float, *, warn: Callable[[str], None]) -> Iterator[str]:
    """Drop what the configuration bounds, and yield what was dropped: nothing that a run uses, or the last one used.

    Args:
        settings: The project's: without bounds nothing is dropped.
        started: When the run that has ended began, seconds since 1970.
        warn: Called where a cache cannot be thinned.
    """
    if not settings.cache_ttl_days and not settings.cache_max_mb:
        return
    from pytest_llmcost.calls.cache.upkeep.disk import DiskCache
    from pytest_llmcost.calls.cache.upkeep.kept import CacheError, CacheInUse

    oldest = started - settings.cache_ttl_days * DAY_SECONDS
    max_bytes = int(settings.cache_max_mb * MEGABYTE)
    for folder in folders_of(settings):
        cache, name = DiskCache(folder), _shown(folder, settings.root)
        try:
            expired = cache.expire(oldest, started) if settings.cache_ttl_days else 0
            dropped = cache.shrink(max_bytes, started) if max_bytes else 0
        except CacheInUse:
            continue  # the last run that uses it thins it
        except (OSError, CacheError, SettingsError) as error:
            warn(f"the cache {name} is not thinned: {error}")
            continue
        if expired:
            yield f"cache {name}: {expired} entries older than {settings.cache_ttl_days:g} days were dropped"
        if dropped:
            bound = f"{settings.cache_max_mb:g} MB"
            yield f"cache {name}: {dropped} entries not used lately were dropped, to stay below {bound}"


async def kept_of(keys: Collection[str], settings: Settings, warn: Callable[[str], None]) -> set[str]:
    """Return those of some requests' keys whose answers are in a cache."""
    if not keys:
        return set()
    layers = layers_of(settings, warn)
    try:
        return {key for key in keys if await layers.answer(key) is not None}
    finally:
        await layers.close()


def folders_of(settings: Settings) -> list[Path]:
    """Return the folders in which answers are kept; where only a Redis is configured, what it could not take."""
    return [place for place in settings.cache if isinstance(place, Path)] or [settings.root / DEFAULT_CACHE]


def places_text(settings: Settings) -> str:
    """Return where a project's answers are read from, for people; below its root the shorter path."""
    recorded = [settings.recordings] if settings.recordings else []
    return ", ".join(_shown(place, settings.root) for place in (*recorded, *settings.cache))


def looked_after(settings: Settings) -> list[LookedAfter]:
    """Return a project's caches for who looks after them: recordings, then folders and Redis as configured."""
    from pytest_llmcost.calls.cache.recorded import RecordedCache
    from pytest_llmcost.calls.cache.upkeep.disk import DiskCache
    from pytest_llmcost.calls.cache.upkeep.shared import SharedCache

    found: list[LookedAfter] = []
    if settings.recordings is not None:
        found.append(RecordedCache(settings.recordings))
    found += [
        DiskCache(place) if isinstance(place, Path) else SharedCache(place, _secret()) for place in settings.cache
    ]
    spare = [folder for folder in folders_of(settings) if folder not in settings.cache]
    return found + [DiskCache(folder) for folder in spare if folder.exists()]


def _layers(settings: Settings, warn: Callable[[str], None]) -> Iterator[Layer]:
    if settings.recordings is not None:
        from pytest_llmcost.calls.cache.recorded import RecordedStore

        store = AtHand(RecordedStore(settings.recordings, warn))
        yield Layer(_shown(settings.recordings, settings.root), RECORDINGS, store, is_recorded=True)
    for place in settings.cache:
        name = _shown(place, settings.root)
        if isinstance(place, Path):
            has_bound = bool(settings.cache_max_mb)
            yield Layer(name, LOCAL, AtHand(DiskStore(place, warn, notes_use=has_bound)))
        else:
            from pytest_llmcost.calls.cache.shared import SharedShelf

            yield Layer(name, SHARED, SharedShelf(place, warn, settings.cache_ttl_days, _secret()))
    if not any(isinstance(place, Path) for place in settings.cache):
        from pytest_llmcost.calls.cache.spare import SpareStore

        (spare,) = folders_of(settings)
        yield Layer(_shown(spare, settings.root), LOCAL, AtHand(SpareStore(spare, warn)), is_spare=True)


def _secret() -> str:
    from pytest_llmcost.calls.cache.seal import VARIABLE

    return os.environ.get(VARIABLE, "")


def _shown(place: Path | str, root: Path) -> str:
    if isinstance(place, str):
        return f"redis {place_of(place)}"
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else place.as_posix()
