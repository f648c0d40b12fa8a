"""Where a project keeps the vectors of its questions: in a folder of their own, lest they pass for answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from pytest_llmcost.calls.embedding.vectors import Embedded, embed_texts

FOLDER = Path(".llmcost", "embeddings")


def embed_in(root: Path, warn: Callable[[str], None]) -> Callable[[Sequence[str]], list[Embedded]]:
    """Return what makes the vectors of texts, and keeps them below *root*; it blocks, and stays on one thread."""
    return partial(embed_texts, folder=root / FOLDER, warn=warn)
