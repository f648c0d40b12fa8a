"""MiniLM in this process: a sentence becomes 384 numbers of length one; their product is the cosine.

An English model (all-MiniLM-L6-v2): other languages are not measured. Source of the pooling: Reimers and Gurevych
2019, "Sentence-BERT", section 3: the mean over the tokens.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder
from pytest_llmcost.calls.weights.known import MINILM
from pytest_llmcost.domain.errors import SettingsError, WeightsError

if TYPE_CHECKING:
    import numpy

    Vector = numpy.ndarray[tuple[int], numpy.dtype[numpy.float32]]
    """A text's place: 32-bit numbers, together of length one."""

DIMENSION = 384
MOST_TOKENS = 256
"""What the model was trained on; of a longer text it sees no more than the beginning."""
MODEL = f"{MINILM.name}:{MINILM.files[0].sha256[:16]}"
"""Names the weights in whatever keeps their vectors: those of others are not to be compared with."""


class MiniLM:
    """The embedder. Loads its weights when it is made (0.3 s) and may be used by several threads.

    Args:
        folder: Where models are kept; default: the user's.

    Raises:
        WeightsError: If the weights are missing or cannot be loaded.
        SettingsError: If the extra `semantic` is not installed.
    """

    model = MODEL
    dimension = DIMENSION

    def __init__(self, folder: ModelFolder | None = None) -> None:
        model, tokenizer = _weights(folder or ModelFolder(models_folder()))
        self._session, self._tokenizer = _loaded(model, tokenizer)
        self._lock = threading.Lock()  # one text after the other: it computes with one thread in any case

    def embed(self, text: str) -> Vector:
        """Return the vector of *text*; of one that does not fit the window, of its beginning."""
        return self.embed_whole(text)[0]

    def embed_whole(self, text: str) -> tuple[Vector, bool]:
        """Return the vector of *text*, and whether all of the text fits into the window of 256 tokens."""
        encoding = self._tokenizer.encode(text)
        with self._lock:
            return _pooled(self._session, encoding.ids), not encoding.overflowing

    def embed_all(self, texts: Sequence[str]) -> list[Vector]:
        """Return the vectors of *texts*, one by one: in a batch each would depend on the others' lengths."""
        return [self.embed(text) for text in texts]

    def count_tokens(self, text: str) -> int:
        """Return how many tokens of the window *text* takes, its two ends included; at most 256 fit."""
        encoding = self._tokenizer.encode(text)
        return len(encoding.ids) + sum(len(more.ids) - 2 for more in encoding.overflowing)


def _pooled(session: Any, ids: Sequence[int]) -> Vector:
    import numpy

    tokens = numpy.array([ids], dtype=numpy.int64)
    fed = {"input_ids": tokens, "attention_mask": numpy.ones_like(tokens), "token_type_ids": numpy.zeros_like(tokens)}
    (states,) = session.run(None, fed)
    mean = states[0].mean(axis=0)
    pooled: Vector = (mean / numpy.linalg.norm(mean)).astype(numpy.float32)
    return pooled


def _weights(folder: ModelFolder) -> tuple[Path, Path]:
    if not folder.has(MINILM.name):
        raise WeightsError(
            f"the weights of {MINILM.name} are missing, or not whole, in {folder.path / MINILM.name}.\n"
            f"Get them with: llmcost models pull {MINILM.name}",
            name=MINILM.name,
        )
    model, tokenizer = folder.files(MINILM.name)
    return model, tokenizer


def _loaded(model: Path, tokenizer: Path) -> tuple[Any, Any]:
    try:
        import onnxruntime
        import tokenizers
    except ImportError as error:
        raise SettingsError(
            f"{error.name} is not installed, which embeddings need.\n"
            "Install it: pip install 'pytest-llmcost[semantic]'",
            key="semantic",
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # more move the last bits, and wait for each other
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        splitter = tokenizers.Tokenizer.from_file(str(tokenizer))
    except Exception as error:  # (both raise plain Exceptions of their own)
        raise WeightsError(
            f"the weights of {MINILM.name} cannot be loaded: {error}.\nGet them anew: llmcost models remove "
            f"{MINILM.name} && llmcost models pull {MINILM.name}",
            name=MINILM.name,
        ) from error
    splitter.no_padding()  # (the file pads to 128 tokens, which takes seven times as long)
    splitter.enable_truncation(MOST_TOKENS)
    return session, splitter
