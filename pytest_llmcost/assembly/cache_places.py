"""Where answers are kept, as the configuration says it: a folder, a Redis, or a list of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_llmcost.calls.redis_client import SCHEMES, is_address

DEFAULT_CACHE = ".llmcost/cache"


def read_places(value: Any) -> tuple[str, ...]:
    """Return the caches that `cache` names, in their order.

    Raises:
        ValueError: If it names something else, nothing, or one of them twice.
    """
    places = value if isinstance(value, list) else [value]
    if not places or not all(isinstance(place, str) and place.strip() for place in places):
        raise ValueError("a folder is needed, the address of a Redis, or a list of them")
    if any("://" in place and not is_address(place) for place in places):
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


def read_address(value: Any) -> str:
    """Return the address of a Redis; empty where there is none.

    Raises:
        ValueError: If it is something else.
    """
    if not isinstance(value, str) or (value and not is_address(value)):
        raise ValueError("the address of a Redis is needed, as redis://127.0.0.1:6379/0")
    return value


def placed(root: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a configuration that name folders, these as paths that start at *root*."""
    places = values.get("cache", (DEFAULT_CACHE,))
    recordings = values.get("recordings")
    return {
        "cache": tuple(place if place.startswith(SCHEMES) else root / place for place in places),
        "recordings": root / recordings if recordings else None,
    }
