"""A semantic cache as the rooms know it: when a question counts as asked before, and what a look-up came to."""

from __future__ import annotations

from dataclasses import dataclass

GUARD_NAMES = (
    "numbers", "dates", "units", "negation", "opposites", "amounts", "names", "order", "code", "words",
)  # fmt: skip
"""What suites call the guards, in the order in which they look."""
DEFAULT_THRESHOLD = 0.95


@dataclass(frozen=True, slots=True)
class SemanticCaching:
    """When an earlier answer stands for a new question.

    Attributes:
        threshold: The least cosine of the two questions, 0..1.
        guards: Names of those that must not tell them apart.
        scopes: Fields of the case, or of its meta: where one of them differs no answers are shared.
        reads: The fields that the strategy's templates read, in order: the question is made of those alone.
    """

    threshold: float = DEFAULT_THRESHOLD
    guards: tuple[str, ...] = GUARD_NAMES
    scopes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lookup:
    """One look into a semantic cache.

    Attributes:
        seconds: What embedding the question took.
        source: The case whose answer was given; empty where there was none.
        similarity: The cosine of the nearest question that was looked at, -1..1; None where there was none.
        guard: What told that one apart, where it was near enough and is no hit.
    """

    seconds: float
    source: str = ""
    similarity: float | None = None
    guard: str = ""
