"""Where a project keeps the vectors of its questions: in a folder of their own, lest they pass for answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_llmcost.calls.embedding.vectors import Embedded

FOLDER = Path(".llmcost", "embeddings")


def embed_in(root: Path, warn: Callable[[str], None]) -> Callable[[Sequence[str]], list[Embedded]]:
    """Return what makes the vectors of texts, and keeps them below *root*; it blocks, and stays on one thread."""

    def embed(texts: Sequence[str]) -> list[Embedded]:
        from pytest_llmcost.calls.embedding.vectors import embed_texts  # here, as few suites ask for a vector

        return embed_texts(texts, folder=root / FOLDER, warn=warn)

    return embed
