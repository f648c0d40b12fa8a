"""Each text is embedded once: vectors are kept in a folder of the project, with the time that making them took."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.calls.embedding.minilm import DIMENSION, MODEL, MiniLM
from pytest_llmcost.domain.digest import digest

if TYPE_CHECKING:
    from pytest_llmcost.calls.embedding.minilm import Vector

_LENGTH_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """A text's vector.

    Attributes:
        seconds: What making it took, when it was made.
        is_whole: Whether all of the text fitted into the model's window.
    """

    vector: Vector
    seconds: float
    is_whole: bool


class Embedder(Protocol):
    """Turns texts into vectors of length one.

    Attributes:
        model: Its name, with all that its vectors depend on.
        dimension: How many numbers they have.
    """

    @property
    def model(self) -> str:
        """Names it."""
        ...

    @property
    def dimension(self) -> int:
        """Of its vectors."""
        ...

    def embed_whole(self, text: str) -> tuple[Vector, bool]:
        """Return a text's vector, and whether all of it was seen."""
        ...


def timed(embedder: Embedder, text: str) -> Embedded:
    """Return a text's vector, and how long that took."""
    started = time.perf_counter()
    vector, is_whole = embedder.embed_whole(text)
    return Embedded(vector, time.perf_counter() - started, is_whole)


def embed_texts(
    texts: Sequence[str], folder: Path, warn: Callable[[str], None], load: Callable[[], Embedder] = MiniLM
) -> list[Embedded]:
    """Return the vectors of *texts*; those that are not kept in *folder* yet are made, and kept.

    Call it on one thread: it opens and closes what it uses. The model is loaded only where a text is new.

    Raises:
        WeightsError: If the weights are needed, and missing or broken.
        SettingsError: If they are needed and the extra `semantic` is not installed, or anybody may write to *folder*.
    """
    store = DiskStore(folder, warn)
    embedder: Embedder | None = None
    found = []
    try:
        for text in texts:
            key = f"embedding:{digest([MODEL, text])}"
            embedded = read_vector(store.get(key) or "", MODEL, DIMENSION)
            if embedded is None:
                if embedder is None:
                    embedder = load()
                    embedder.embed_whole("warm")  # (the first one takes longer than any after it)
                embedded = timed(embedder, text)
                store.set(key, vector_text(embedded, MODEL))
            found.append(embedded)
    finally:
        store.close()
    return found


def vector_text(embedded: Embedded, model: str) -> str:
    """Return a vector as a line of JSON."""
    numbers = base64.b64encode(embedded.vector.tobytes()).decode("ascii")
    return json.dumps([model, round(embedded.seconds, 6), embedded.is_whole, numbers], separators=(",", ":"))


def read_vector(text: str, model: str, dimension: int) -> Embedded | None:
    """Return the vector that a line holds, or None where it is none of that model's, with that many numbers."""
    import numpy

    try:
        made_by, seconds, is_whole, numbers = json.loads(text)
        if made_by != model or type(is_whole) is not bool or not 0 <= float(seconds) < float("inf"):
            return None
        vector = numpy.frombuffer(base64.b64decode(numbers, validate=True), dtype=numpy.float32)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return None
    if vector.shape != (dimension,) or not abs(float(numpy.linalg.norm(vector)) - 1) < _LENGTH_TOLERANCE:
        return None
    return Embedded(vector, float(seconds), is_whole)
