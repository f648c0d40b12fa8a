"""Regression gating of LLM systems in pytest: quality, cost and speed, with honest statistics."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_llmcost.assembly.applications import Cascade as Cascade
    from pytest_llmcost.assembly.applications import Router as Router
    from pytest_llmcost.assembly.project import Project as Project
    from pytest_llmcost.assembly.tiers import choose_model as choose_model

__version__ = "0.1.0"

_HOMES = {
    "Cascade": "pytest_llmcost.assembly.applications",
    "Project": "pytest_llmcost.assembly.project",
    "Router": "pytest_llmcost.assembly.applications",
    "choose_model": "pytest_llmcost.assembly.tiers",
}
"""Where each public name lives: it is imported when it is first used, so that importing the package costs nothing."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
