"""Regression gating of LLM systems in pytest: quality, cost and speed, with honest statistics."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_llmcost.assembly.applications import Cascade as Cascade
    from pytest_llmcost.assembly.applications import Router as Router
    from pytest_llmcost.assembly.ledger_logger import LedgerLogger as LedgerLogger
    from pytest_llmcost.assembly.loaded_policy import PolicyWarning as PolicyWarning
    from pytest_llmcost.assembly.project import Project as Project
    from pytest_llmcost.assembly.tiers import choose_model as choose_model
    from pytest_llmcost.costs.calculator import CostCalculator as CostCalculator
    from pytest_llmcost.costs.calculator import estimate_cost as estimate_cost
    from pytest_llmcost.costs.ledger.ledger import Ledger as Ledger
    from pytest_llmcost.domain.policy import Policy as Policy
    from pytest_llmcost.strategies.adaptive import AdaptiveRouter as AdaptiveRouter
    from pytest_llmcost.strategies.semantic.cache import SemanticCache as SemanticCache
    from pytest_llmcost.strategies.variant import assign_variant as assign_variant

__version__ = "0.1.0"

_HOMES = {
    "AdaptiveRouter": "pytest_llmcost.strategies.adaptive",
    "Cascade": "pytest_llmcost.assembly.applications",
    "CostCalculator": "pytest_llmcost.costs.calculator",
    "Ledger": "pytest_llmcost.costs.ledger.ledger",
    "LedgerLogger": "pytest_llmcost.assembly.ledger_logger",
    "Policy": "pytest_llmcost.domain.policy",
    "PolicyWarning": "pytest_llmcost.assembly.loaded_policy",
    "Project": "pytest_llmcost.assembly.project",
    "Router": "pytest_llmcost.assembly.applications",
    "SemanticCache": "pytest_llmcost.strategies.semantic.cache",
    "assign_variant": "pytest_llmcost.strategies.variant",
    "choose_model": "pytest_llmcost.assembly.tiers",
    "estimate_cost": "pytest_llmcost.costs.calculator",
}
"""Where each public name lives: it is imported when it is first used, so that importing the package costs nothing."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
