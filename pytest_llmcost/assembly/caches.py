"""The caches of a project: recordings first, then those that are configured, in their order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pytest_llmcost.assembly.settings import DEFAULT_CACHE, Settings
from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.calls.cache.layers import LOCAL, RECORDINGS, SHARED, AtHand, Layer, Layers
from pytest_llmcost.calls.cache.recorded import RecordedStore
from pytest_llmcost.calls.cache.shared import DAY_SECONDS, SharedShelf
from pytest_llmcost.calls.cache.spare import SpareStore
from pytest_llmcost.calls.redis_client import place_of


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


def folders_of(settings: Settings) -> list[Path]:
    """Return the folders in which answers are kept; where only a Redis is configured, what it could not take."""
    return [place for place in settings.cache if isinstance(place, Path)] or [settings.root / DEFAULT_CACHE]


def places_text(settings: Settings) -> str:
    """Return where a project's answers are read from, for people; below its root the shorter path."""
    recorded = [settings.recordings] if settings.recordings else []
    return ", ".join(_shown(place, settings.root) for place in (*recorded, *settings.cache))


def _layers(settings: Settings, warn: Callable[[str], None]) -> Iterator[Layer]:
    if settings.recordings is not None:
        store = AtHand(RecordedStore(settings.recordings, warn))
        yield Layer(_shown(settings.recordings, settings.root), RECORDINGS, store, is_recorded=True)
    for place in settings.cache:
        name = _shown(place, settings.root)
        if isinstance(place, Path):
            has_bound = bool(settings.cache_max_mb)
            yield Layer(name, LOCAL, AtHand(DiskStore(place, warn, notes_use=has_bound)))
        else:
            yield Layer(name, SHARED, SharedShelf(place, warn, settings.cache_ttl_days))
    if not any(isinstance(place, Path) for place in settings.cache):
        (spare,) = folders_of(settings)
        yield Layer(_shown(spare, settings.root), LOCAL, AtHand(SpareStore(spare, warn)), is_spare=True)


def _shown(place: Path | str, root: Path) -> str:
    if isinstance(place, str):
        return f"redis {place_of(place)}"
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else place.as_posix()
