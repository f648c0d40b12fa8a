"""Names of models: whether two mean the same one, and how one that is sold at several rates is named."""

from __future__ import annotations

import re

TIERS = ("batch", "flex", "priority")
"""Service tiers with rates of their own; any other is the standard one, or not known."""

_VERSION = r"[-@](latest|\d{3,}|\d{4}-\d{2}-\d{2}|v\d+(:\d+)?)"
_TIERED = re.compile(rf"(?P<model>.+) \((?P<tier>{'|'.join(TIERS)})\)")


def is_same_model(asked: str, replied: str) -> bool:
    """Return whether *replied* names the model that was asked, or a dated version of it.

    Providers leave the prefix off, and answer `gpt-4o` as `gpt-4o-2024-08-06`.
    """
    asked_parts, replied_parts = asked.lower().split("/"), replied.lower().split("/")
    shared = min(len(asked_parts), len(replied_parts))
    *asked_path, asked_name = asked_parts[-shared:]
    *replied_path, replied_name = replied_parts[-shared:]
    name = asked_name.removesuffix("-latest")
    is_version = re.fullmatch(rf"|{_VERSION}", replied_name.removeprefix(name)) is not None
    return asked_path == replied_path and replied_name.startswith(name) and is_version


def undated(model: str) -> str:
    """Return *model* without the date or the number of a version at its end."""
    return re.sub(rf"{_VERSION}$", "", model)


def in_tier(model: str, tier: str) -> str:
    """Return the name that books, files and price lists know *model* by in a service tier: `openai/gpt-5 (flex)`."""
    return f"{model} ({tier})" if tier in TIERS else model


def without_tier(name: str) -> tuple[str, str]:
    """Return a name's model and its service tier; the tier is empty where the name has none."""
    found = _TIERED.fullmatch(name)
    return (found["model"], found["tier"]) if found else (name, "")
