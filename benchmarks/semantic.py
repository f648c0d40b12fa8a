"""How long a question takes in a semantic cache: to embed it, and to find the nearest of many.

`python benchmarks/semantic.py [ENTRIES]`; the embedder needs `llmcost models pull minilm`. Entries have vectors that
lie as questions do: in clusters of twenty, at cosines of 0.7 to 0.8 with each other.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_llmcost import SemanticCache
from pytest_llmcost.calls.embedding.minilm import DIMENSION, MiniLM

CLUSTER, QUERIES = 20, 300
SPREAD = 0.6 / DIMENSION**0.5
"""Of a vector around its cluster's centre, a number."""


class Clustered:
    """Satisfies `Embedder`: `7 of 3` is the third vector of the seventh cluster."""

    model, dimension = "clustered", DIMENSION

    def embed_whole(self, text: str) -> tuple[Any, bool]:
        """Return the vector; it takes next to no time."""
        import numpy

        centre = _random(text.split(" of ")[0])
        vector = centre / numpy.linalg.norm(centre) + SPREAD * _random(text)
        return (vector / numpy.linalg.norm(vector)).astype(numpy.float32), True


def _random(text: str) -> Any:
    import numpy

    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return numpy.random.default_rng(seed).standard_normal(DIMENSION)


def milliseconds(run: Callable[[int], object], count: int) -> list[float]:
    """Return how long each of *count* runs took."""
    taken = []
    for number in range(count):
        started = time.perf_counter()
        run(number)
        taken.append(1000 * (time.perf_counter() - started))
    return sorted(taken)


def shown(name: str, taken: list[float]) -> None:
    """Print the median and the 95th percentile."""
    print(f"{name}: median {statistics.median(taken):.2f} ms, p95 {taken[int(0.95 * len(taken))]:.2f} ms")


def main() -> None:
    """Measure and print."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    started = time.perf_counter()
    embedder = MiniLM()
    print(f"loading the embedder: {time.perf_counter() - started:.2f} s")
    shown("embedding a question of 15 tokens", milliseconds(lambda n: embedder.embed(_question(n)), QUERIES))
    with tempfile.TemporaryDirectory() as folder:
        measure_cache(Path(folder), entries)


def measure_cache(folder: Path, entries: int) -> None:
    """Store, look up, close and open again."""
    with SemanticCache(folder, threshold=0.9, guards=(), embedder=Clustered()) as cache:
        started = time.perf_counter()
        for number in range(entries):
            cache.store(_entry(number), "answer", model="m")
        print(f"storing {entries:,}: {time.perf_counter() - started:.0f} s")
        started = time.perf_counter()
        cache.look_up("first", model="m")
        print(f"indexing them: {time.perf_counter() - started:.0f} s")
        shown("the same question", milliseconds(lambda n: cache.look_up(_entry(n * 7), model="m"), QUERIES))
        shown("a new question", milliseconds(lambda n: cache.look_up(f"{n} of new", model="m"), QUERIES))
    started = time.perf_counter()
    with SemanticCache(folder, threshold=0.9, guards=(), embedder=Clustered()) as cache:
        cache.look_up("first again", model="m")
        print(f"opening again, to the first answer: {time.perf_counter() - started:.2f} s")


def _entry(number: int) -> str:
    return f"{number // CLUSTER} of {number % CLUSTER}"


def _question(number: int) -> str:
    return f"How do I reset the password of my account number {number}, please?"


if __name__ == "__main__":
    main()
