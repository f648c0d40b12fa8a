"""The nearest of a hundred thousand vectors within milliseconds; on disk it knows what it was made from.

A graph that is walked from neighbour to neighbour: Malkov and Yashunin 2018, "Hierarchical Navigable Small World
graphs". It finds nearly always, not always, the nearest one; a cache that misses one asks the model.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.calls.weights.digest import sha256_of
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.regular_file import read_regular
from pytest_llmcost.domain.whole_file import write_whole

if TYPE_CHECKING:
    from pytest_llmcost.calls.embedding.minilm import Vector

FORMAT = "llmcost-vectors/1"


@dataclass(frozen=True, slots=True)
class Made:
    """What an index on disk was made from.

    Attributes:
        model, dimension: What made the vectors, and how many numbers they have.
        count: How many rows of the store.
        keys: Digest of their keys, in order: where the store's first ones are others, it is out of step.
        sha256: Of its own file.
    """

    format: str
    model: str
    dimension: int
    count: int
    keys: str
    sha256: str


class VectorIndex:
    """Vectors by number.

    Args:
        model: What makes the vectors.
        dimension: How many numbers they have.

    Raises:
        SettingsError: If the extra `semantic` is not installed.
    """

    def __init__(self, model: str, dimension: int) -> None:
        self.model = model
        self.dimension = dimension
        self._graph = _empty(dimension)

    def __len__(self) -> int:
        return len(self._graph)

    def add(self, number: int, vector: Vector) -> None:
        """Add a vector, or put it in the place of the one of that number."""
        if number in self._graph:
            self._graph.remove(number)
        self._graph.add(number, vector)

    def nearest(self, vector: Vector, most: int) -> list[tuple[int, float]]:
        """Return the numbers and cosines of the nearest ones, *most* of them, the nearest first."""
        if not len(self._graph):
            return []
        found = self._graph.search(vector, most)
        return [(int(key), 1.0 - float(gap)) for key, gap in zip(found.keys, found.distances, strict=True)]

    def save(self, path: Path, keys: Sequence[str]) -> None:
        """Write it beside the store that it was made from, whole or not at all.

        Args:
            path: Its file; what it was made from is written beside it, as `.json`.
            keys: The store's, in order.

        Raises:
            OSError: If it cannot be written.
        """
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            self._graph.save(str(part))
            made = Made(FORMAT, self.model, self.dimension, len(keys), digest_of(keys), sha256_of(part))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        write_whole(_beside(path), [json.dumps(asdict(made)).encode() + b"\n"])

    def load(self, path: Path, keys: Sequence[str]) -> int:
        """Read it, and return how many of the first *keys* it was made from; 0: it is to be made anew.

        Raises:
            SettingsError: If it was made by another model, or with another dimension.
        """
        made = _made(path)
        if made is None:
            return 0
        if (made.model, made.dimension) != (self.model, self.dimension):
            raise SettingsError(
                f"{path} holds vectors of {made.model} with {made.dimension} numbers, not of {self.model} with "
                f"{self.dimension}.\nVectors of two models cannot be compared: name another folder, or delete it.",
                key="semantic_cache",
            )
        is_in_step = made.keys == digest_of(keys[: made.count]) and made.count <= len(keys)
        if not is_in_step or not path.is_file() or sha256_of(path) != made.sha256:
            return 0
        self._graph.load(str(path))
        return made.count


def digest_of(keys: Iterable[str]) -> str:
    """Return the SHA-256 of keys in their order."""
    digest = hashlib.sha256()
    for key in keys:
        digest.update(key.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def _empty(dimension: int) -> Any:
    try:
        # In this order: onnxruntime 1.32 crashes the process where it is loaded after usearch 2.26.
        import onnxruntime  # noqa: F401
        from usearch.index import Index
    except ImportError as error:
        raise SettingsError(
            f"{error.name} is not installed, which semantic caches need.\n"
            "Install it: pip install 'pytest-llmcost[semantic]'",
            key="semantic",
        ) from error
    return Index(ndim=dimension, metric="cos", dtype="f16")


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _made(path: Path) -> Made | None:
    try:
        row = json.loads(read_regular(_beside(path)))
        return Made(**row) if row["format"] == FORMAT and type(row["count"]) is int else None
    except (OSError, ValueError, TypeError, KeyError):
        return None
