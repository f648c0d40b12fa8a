"""Which of some texts are nearest to a question: one seam for every way to tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol


class Ranker(Protocol):
    """Tells how near texts are to a question; it is made with the texts."""

    def scores(self, question: str, places: range) -> Sequence[float]:
        """Return one score for each text at *places*, the larger the nearer; at 0 there is nothing in common."""
        ...


MakeRanker = Callable[[Sequence[str]], Ranker]


def best_first(scores: Sequence[float]) -> list[int]:
    """Return the places of *scores*, the largest first; of equals the first one."""
    return sorted(range(len(scores)), key=lambda place: -scores[place])
