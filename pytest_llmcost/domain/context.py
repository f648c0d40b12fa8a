"""What is looked up for a question: documents go in, the passages nearest to it come out, and stand in the prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONTEXT, DOCUMENTS = "context", "documents"
NOTHING_FOUND: Mapping[str, Any] = {CONTEXT: "", DOCUMENTS: []}
"""The variables that a strategy's templates have beside the fields of a case, as they are where nothing is found."""

BM25, EMBEDDING = "bm25", "embedding"


@dataclass(frozen=True, slots=True)
class Document:
    """A file that may be looked up; `source` is its path, as from the folder of the file that names it."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """How a strategy looks things up.

    Attributes:
        documents: Where, in the order of their sources.
        top_k: How many passages a question is given, at most.
        chunk_tokens: The longest passage; a document of no more than that is one.
        compress_to: To how many tokens each passage is compressed: its sentences nearest to the question are kept;
            None leaves passages whole.
        retriever: What ranks passages, and sentences: `bm25` by the words that they share with the question,
            `embedding` by what they mean.
    """

    documents: tuple[Document, ...]
    top_k: int
    chunk_tokens: int
    compress_to: int | None = None
    retriever: str = BM25


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, as it was put before a model.

    Attributes:
        source: The document's.
        part: Which piece of it, from 1; 0: the document is one piece.
        tokens: About how many it has, whichever model reads it.
        sha256: Of its text.
        text: Empty in what is read from a file that keeps no texts.
    """

    source: str
    part: int
    tokens: int
    sha256: str
    text: str = ""
