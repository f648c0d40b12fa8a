"""Texts ranked by the words that they share with a question, rare ones first: BM25 (Robertson and others 1994)."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

_WORD = re.compile(r"\w+")


class Bm25:
    """An index of some texts, built once.

    Args:
        texts: What is ranked.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # (it tells each step of its own to every log)
        words = [_words(text) for text in texts]
        self._index = bm25s.BM25() if any(words) else None
        if self._index is not None:
            self._index.index(words, show_progress=False)

    def scores(self, question: str, places: range) -> list[float]:
        """Return how near the texts at *places* are to *question*; 0 where they share no word."""
        words = _words(question)
        if self._index is None or not words:
            return [0.0] * len(places)
        scores: list[float] = self._index.get_scores(words).tolist()
        return [scores[place] for place in places]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
