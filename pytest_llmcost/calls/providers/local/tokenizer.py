"""A local model's own tokenizer: the engine is loaded, and asked to cut a text."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_llmcost.calls.providers.local.engine import Engine


class EngineTokenizer:
    """Cuts texts into the tokens of one local model; loading it takes half a second.

    Attributes:
        by: The model's name.

    Raises:
        CallError: If the engine is not installed, or cannot load the weights.
    """

    def __init__(self, model: str, weights: Path) -> None:
        self.by = model
        self._engine = Engine(model, weights)
        self._turn = threading.Lock()

    def pieces(self, text: str) -> Sequence[bytes]:
        """Return the tokens' bytes, as the engine would read them in a prompt.

        Raises:
            CallError: If the engine fails.
        """
        content = text.encode("utf-8", "replace").decode()  # the engine refuses half a surrogate pair
        with self._turn:
            reply = self._engine.post("/tokenize", {"content": content, "with_pieces": True})
        return [_bytes(token["piece"]) for token in reply["tokens"]]


def _bytes(piece: Any) -> bytes:
    """Return a token's bytes: the engine lists them as numbers where they are no whole characters."""
    return piece.encode() if isinstance(piece, str) else bytes(piece)
