"""A comparison as JSON, for programs."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import Any

from pytest_llmcost.domain.comparison import SideBySide

FORMAT = "llmcost-comparison/1"


def comparison_document(found: SideBySide) -> dict[str, Any]:
    """Return all that was found in JSON's types; amounts are US dollars, exact ones as the nearest floats."""
    return {"format": FORMAT, **_plain(dataclasses.asdict(found))}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Fraction):
        return float(value)
    # An interval that nothing is known of is infinite, which JSON cannot say.
    return None if isinstance(value, float) and not math.isfinite(value) else value
