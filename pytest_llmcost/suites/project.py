"""What a suite may name although it does not say it: the project's models, strategies, scorers and code."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Project:
    """The surroundings of a suite.

    Attributes:
        models: Names of tiers and configured models.
        strategies: The configuration's strategies, by name, as written there.
        scorers: Names of scorers from other packages.
        allowed_python: Modules (and packages) whose functions may be named.
        configuration: The configuration file below the root directory, for messages and relative paths.
        today: The day that quarantines are measured by.
    """

    models: Collection[str] = ()
    strategies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scorers: Collection[str] = ()
    allowed_python: Collection[str] = ()
    configuration: str = "the configuration"
    today: date = field(default_factory=date.today)

    def allows(self, function: str) -> bool:
        """Return whether `module:function` is of an allowed module, or of one below an allowed package."""
        module = function.partition(":")[0]
        return any(module == allowed or module.startswith(f"{allowed}.") for allowed in self.allowed_python)
