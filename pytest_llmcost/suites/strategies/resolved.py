"""A strategy as written, with every name in it followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_llmcost.domain.plan import Confidence, Plan
from pytest_llmcost.domain.policy import Policy
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import Node


@dataclass(frozen=True, slots=True)
class Resolved:
    """Who answers, and all that is said of how; the suite's own word, which holds last, is not among it.

    Attributes:
        chain: What it says itself, then what the strategies say that it uses, the nearest first.
        around: What the strategies say that it is a part of, the nearest first.
        model: A tier, or a model's name; empty where there is a plan.
        policy: The file that the plan was read from, if it was.
        compressor: The model that shortens what it looks up, where one does.
    """

    name: str
    place: Node
    chain: tuple[Section, ...]
    around: tuple[Section, ...] = ()
    model: str = ""
    confidence: Confidence[Resolved] | None = None
    plan: Plan[Resolved] | None = None
    policy: Policy | None = None
    compressor: Resolved | None = None

    @property
    def layers(self) -> tuple[Section, ...]:
        """All that is said of it, what goes before first."""
        return (*self.chain, *self.around)

    def leaves(self) -> Iterator[Resolved]:
        """Yield the parts that ask a model about a case; verifiers ask about an answer."""
        if self.plan is None:
            yield self
            return
        for part in self.plan.parts():
            yield from part.leaves()

    def plans(self) -> Iterator[tuple[Resolved, Plan[Resolved]]]:
        """Yield it and its parts, as far as they have plans."""
        if self.plan is not None:
            yield self, self.plan
            for part in self.plan.parts():
                yield from part.plans()
