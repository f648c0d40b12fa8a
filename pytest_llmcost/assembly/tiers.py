"""Which model is meant by how hard a task is, or by a tier's name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pytest_llmcost.assembly.root import find_root
from pytest_llmcost.assembly.settings import read_settings
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.plan import LEVELS, SYNONYMS


def choose_model(task_complexity: str, *, root: str | Path | None = None) -> str:
    """Return the model that a task is for, by the nearest configuration's tiers.

    Args:
        task_complexity: `complex` or `high` (the tier frontier), `medium` (mid), `simple` or `low` (cheap); or the
            name of any tier, or of a configured model.
        root: Where the configuration is looked for, from there upwards; default: the working directory.

    Raises:
        SettingsError: If there is no such tier.
    """
    settings = read_settings(find_root(Path.cwd() if root is None else Path(root)), os.environ)
    if task_complexity in settings.models:
        return task_complexity
    return model_of(tier_of(task_complexity, settings.tiers), settings.tiers)


def tier_of(task_complexity: str, tiers: Mapping[str, str]) -> str:
    """Return the tier that a level of complexity, or its own name, stands for.

    Raises:
        SettingsError: If it is not configured.
    """
    if task_complexity in tiers:
        return task_complexity
    level = task_complexity if task_complexity in LEVELS else SYNONYMS.get(task_complexity, "")
    tier = LEVELS.get(level, "")
    if tier in tiers:
        return tier
    known = ", ".join(tiers) or "none"
    what = f"needs the tier {tier!r}, which is not configured" if tier else "is neither a level nor a tier"
    raise SettingsError(
        f"{task_complexity!r} {what}; tiers are: {known}.\n"
        f'Name one of them, or add it: [tool.llmcost.tiers] {tier or "mid"} = "provider/model"',
        key="tiers",
    )


def model_of(tier: str, tiers: Mapping[str, str]) -> str:
    """Return the model behind a tier; a tier may name another one."""
    seen = {tier}
    while tier in tiers and tiers[tier] not in seen:
        tier = tiers[tier]
        seen.add(tier)
    return tier
