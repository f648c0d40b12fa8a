"""Texts ranked by what they mean, whatever their words: the cosine of their vectors with the question's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_llmcost.calls.embedding.minilm import MiniLM, Vector


class ByMeaning:
    """Vectors of some texts, each made when it is first asked for.

    Args:
        texts: What is ranked; of one longer than the embedder's window its beginning.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._vectors: dict[int, Vector] = {}

    def scores(self, question: str, places: range) -> list[float]:
        """Return how near the texts at *places* are to *question*, -1..1.

        Raises:
            WeightsError: If the embedder's weights are missing.
            SettingsError: If the extra `semantic` is not installed.
        """
        asked = embedder().embed(question)
        return [float(self._vector(place) @ asked) for place in places]

    def _vector(self, place: int) -> Vector:
        if place not in self._vectors:
            self._vectors[place] = embedder().embed(self._texts[place])
        return self._vectors[place]


@cache
def embedder() -> MiniLM:
    """Return the embedder, loaded once."""
    from pytest_llmcost.calls.embedding.minilm import MiniLM

    return MiniLM()
