"""The configuration's table `budgets`: what may be spent a day and a month."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from pytest_llmcost.domain.spending import Plan

_KEYS = tuple(field.name for field in dataclasses.fields(Plan))


def read_plan(value: Any) -> Plan:
    """Return the plan that a table states.

    Raises:
        ValueError: If it is none.
    """
    if not isinstance(value, Mapping) or not value.keys() <= set(_KEYS):
        raise ValueError(f"a table of {' and '.join(_KEYS)} is needed")
    return Plan(**{name: _usd(name, stated) for name, stated in value.items()})


def _usd(name: str, stated: Any) -> float:
    if isinstance(stated, bool) or not isinstance(stated, int | float) or not 0 <= stated < math.inf:
        raise ValueError(f"{name}: an amount of USD from 0 up is needed, as 20.00")
    return float(stated)
