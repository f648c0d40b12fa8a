"""OpenAI's vocabularies, read from the copies that litellm brings: no tokenizer is fetched from anywhere."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

ESTIMATE = "o200k_base"
"""The vocabulary that stands in for one that is not here: the newest and largest of those that are."""

_FOLDER = ("litellm_core_utils", "tokenizers")
_CACHE_VARIABLE = "TIKTOKEN_CACHE_DIR"
_FILES: Mapping[str, tuple[str, str]] = {  # the name under which tiktoken keeps it, and its SHA-256
    "cl100k_base": (
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
    "o200k_base": (
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
}
_SAME = {"o200k_harmony": "o200k_base"}
"""Encodings that differ in their special tokens alone."""
_loading = threading.Lock()


class BytePairs:
    """One of OpenAI's vocabularies.

    Attributes:
        by: Its name.
    """

    def __init__(self, name: str, encoding: tiktoken.Encoding) -> None:
        self.by = name
        self._encoding = encoding

    def pieces(self, text: str) -> Sequence[bytes]:
        """Return the tokens' bytes; marks of special tokens are read as plain text."""
        return self._encoding.decode_tokens_bytes(self._encoding.encode_ordinary(text))


def encoding_of(model: str) -> str | None:
    """Return the name of the vocabulary that *model* reads with, where it is one of OpenAI's that are at hand."""
    from tiktoken.model import encoding_name_for_model

    try:
        name = encoding_name_for_model(model.rpartition("/")[2].lower())
    except KeyError:
        return None
    name = _SAME.get(name, name)
    return name if name in _FILES else None


@functools.cache
def byte_pairs(name: str) -> BytePairs | None:
    """Return a vocabulary by its name, or None where its file is not here, or not what it should be."""
    file, digest = _FILES[name]
    folder = _folder()
    # tiktoken would delete a file of another digest, and fetch one: it is asked where it need not.
    if folder is None or not _is_whole(folder / file, digest):
        return None
    import tiktoken

    with _reading_from(folder):
        return BytePairs(name, tiktoken.get_encoding(name))


def _folder() -> Path | None:
    spec = importlib.util.find_spec("litellm")
    places = spec.submodule_search_locations if spec else None
    return Path(places[0], *_FOLDER) if places else None


def _is_whole(path: Path, digest: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


@contextmanager
def _reading_from(folder: Path) -> Iterator[None]:
    """Let tiktoken find its files in *folder*; it can be told by the environment alone."""
    with _loading:
        before = os.environ.get(_CACHE_VARIABLE)
        os.environ[_CACHE_VARIABLE] = str(folder)
        try:
            yield
        finally:
            if before is None:
                del os.environ[_CACHE_VARIABLE]
            else:
                os.environ[_CACHE_VARIABLE] = before
