"""The nearest of some thousand vectors, exactly: all are compared, so that every run finds the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_llmcost.calls.embedding.minilm import Vector

DIGITS = 6
"""Of a cosine; further ones depend on the order in which a processor adds."""


def neighbours(vectors: Sequence[Vector], least: float) -> list[list[tuple[int, float]]]:
    """Return, for each vector, those before it whose cosine is *least* or more, the nearest first.

    Each is a place in *vectors* and a cosine, rounded; of equally near ones the earlier comes first.
    Takes time with the square of their number: 0.2 s for 2,000, 5 s for 10,000.
    """
    import numpy

    if not vectors:
        return []
    table = numpy.stack(vectors)
    found = []
    for place, vector in enumerate(vectors):
        cosines = numpy.round((table[:place] @ vector).astype(numpy.float64), DIGITS)
        near = numpy.flatnonzero(cosines >= least)
        order = near[numpy.argsort(-cosines[near], kind="stable")]
        found.append([(int(one), float(cosines[one])) for one in order])
    return found
