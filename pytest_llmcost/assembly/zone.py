"""The user's time zone by its name: an offset of today would be wrong across a change of the clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pytest_llmcost.domain.errors import SettingsError

_LINK = Path("/etc/localtime")


def zone_of(name: str | None, environment: Mapping[str, str], link: Path = _LINK) -> tzinfo:
    """Return the zone *name*, or the machine's: of the variable `TZ`, of *link*, else its offset of today.

    Raises:
        SettingsError: If there is no zone *name*.
    """
    if name is not None:
        zone = _known(name)
        if zone is None:
            raise SettingsError(f"there is no time zone {name!r}. Name one as Europe/Berlin or UTC.", key="zone")
        return zone
    linked = str(link.resolve()).partition("/zoneinfo/")[2]
    found = _known(environment.get("TZ", "").removeprefix(":")) or _known(linked)
    return found or datetime.now().astimezone().tzinfo or ZoneInfo("UTC")


def _known(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
