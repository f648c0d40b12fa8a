"""A policy in production: which way a request goes, in microseconds, by the file that was reviewed and gated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_llmcost.assembly.applications import Router
from pytest_llmcost.assembly.in_python import TEXT
from pytest_llmcost.assembly.loaded_policy import LoadedPolicy
from pytest_llmcost.assembly.project import Project
from pytest_llmcost.domain.policy import Way, described


class PolicyRouter(Router):
    """Asks the strategy that a policy names for the request.

    Args:
        loaded: The policy.
        labels: The closed set of answers.
        project: Who asks; default: what the working directory's configuration says.

    Attributes:
        policy: The rules.
        notes: In what the policy is older than what it was learned from.
    """

    def __init__(self, loaded: LoadedPolicy, labels: Sequence[str], project: Project | None) -> None:
        super().__init__(labels=labels, project=project)
        self._described = described(loaded.policy)
        self.policy = loaded.policy
        self.notes = loaded.notes

    def choose(self, request: str = "", **fields: Any) -> str:
        """Return the strategy that a request goes to, by its fields; the steps of a cascade stand behind each other."""
        return " > ".join(step.use for step in self.way(request, **fields))

    def way(self, request: str = "", **fields: Any) -> Way:
        """Return the steps that a request goes, for an application that asks them itself.

        A single step is simply asked. Of several, each but the last has an `accept`: its answer is taken where its
        confidence is not below that, else the next step is asked.
        """
        return self.policy.choose({TEXT: request, **fields} if request else fields)
