"""Regression gating of LLM systems in pytest: quality, cost and speed, with honest statistics."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_llmcost.costs.calculator import CostCalculator as CostCalculator
    from pytest_llmcost.costs.calculator import estimate_cost as estimate_cost

__version__ = "0.1.0"

_HOMES = {
    "CostCalculator": "pytest_llmcost.costs.calculator",
    "estimate_cost": "pytest_llmcost.costs.calculator",
}
"""Where each public name lives: it is imported when it is first used, so that importing the package costs nothing."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
