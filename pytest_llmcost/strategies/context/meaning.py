"""Texts ranked by what they mean, whatever their words: the cosine of their vectors with the question's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pytest_llmcost.calls.embedding.minilm import Vector


class Embedder(Protocol):
    """Tells where texts lie."""

    def embed(self, text: str) -> Vector:
        """Return the place of *text*, at a distance of one from the origin."""
        ...


@cache
def embedder() -> Embedder:
    """Return the embedder, loaded once."""
    from pytest_llmcost.calls.embedding.minilm import MiniLM

    return MiniLM()


class ByMeaning:
    """Vectors of some texts, each made when it is first asked for.

    Args:
        texts: What is ranked; of one longer than the embedder's window its beginning.
        load: Returns the embedder.
    """

    def __init__(self, texts: Sequence[str], load: Callable[[], Embedder] = embedder) -> None:
        self._texts = texts
        self._load = load
        self._vectors: dict[int, Vector] = {}

    def scores(self, question: str, places: range) -> list[float]:
        """Return how near the texts at *places* are to *question*, -1..1.

        Raises:
            WeightsError: If the embedder's weights are missing.
            SettingsError: If the extra `semantic` is not installed.
        """
        asked = self._load().embed(question)
        return [float(self._vector(place) @ asked) for place in places]

    def _vector(self, place: int) -> Vector:
        if place not in self._vectors:
            self._vectors[place] = self._load().embed(self._texts[place])
        return self._vectors[place]
