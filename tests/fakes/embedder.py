"""An embedder that needs no weights: texts that share many words lie close, whatever the words mean."""

from __future__ import annotations

import hashlib
import re
from typing import Any

MOST_WORDS = 50


class Words:
    """Satisfies `Embedder`; `texts` are those that it was asked for. Its window has 50 words."""

    def __init__(self, model: str = "words:1", dimension: int = 384) -> None:
        self.model = model
        self.dimension = dimension
        self.texts: list[str] = []

    def embed_whole(self, text: str) -> tuple[Any, bool]:
        import numpy

        self.texts.append(text)
        words = re.findall(r"\w+", text.lower()) or ["-"]
        vector = numpy.zeros(self.dimension, dtype=numpy.float32)
        for word in words[:MOST_WORDS]:
            vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % self.dimension] += 1
        return vector / numpy.linalg.norm(vector), len(words) <= MOST_WORDS
