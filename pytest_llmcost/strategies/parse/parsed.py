"""What a parser is: it reads a completion, and says so where nothing can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.completion import Completion

Distribution = Mapping[str, float]
"""Probabilities of the labels, each above 0, adding up to 1."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """An answer read from a completion.

    Attributes:
        value: Text or JSON. None where nothing could be read, which a flag then says; without one it is JSON's null.
    """

    value: Any
    flags: tuple[str, ...] = ()
    confidence: float | None = None


Parse = Callable[[Completion, Distribution | None], Parsed]
"""Reads a completion; the second argument is the labels' prior to correct for, if any."""


def unparsed(why: str) -> Parsed:
    """Return that nothing could be read, and why: the answer is wrong, and flagged."""
    return Parsed(None, (f"unparsed: {why}",))
