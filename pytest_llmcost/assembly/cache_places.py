"""Where answers are kept, as the configuration says it: a folder, a Redis, or a list of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_llmcost.calls.redis_client import SCHEMES


def read_places(value: Any) -> tuple[str, ...]:
    """Return the caches that `cache` names, in their order.

    Raises:
        ValueError: If it names something else, nothing, or one of them twice.
    """
    places = value if isinstance(value, list) else [value]
    if not places or not all(isinstance(place, str) and place.strip() for place in places):
        raise ValueError("a folder is needed, the address of a Redis, or a list of them")
    if any("://" in place and not place.startswith(SCHEMES) for place in places):
        raise ValueError("a folder is needed, or the address of a Redis, as redis://127.0.0.1:6379/0")
    if len(set(places)) < len(places):
        raise ValueError("each cache is named once")
    return tuple(places)


def read_folder(value: Any) -> str:
    """Return the folder that `recordings` names; empty where there is none.

    Raises:
        ValueError: If it names something else.
    """
    if not isinstance(value, str) or "://" in value:
        raise ValueError("a folder is needed")
    return value


def below(root: Path, places: tuple[str, ...]) -> tuple[Path | str, ...]:
    """Return caches with their folders as paths, which start at *root*; addresses stay texts."""
    return tuple(place if place.startswith(SCHEMES) else root / place for place in places)
