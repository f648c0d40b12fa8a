"""What a strategy looks up before it asks."""

from __future__ import annotations

from pytest_llmcost.domain.context import BM25, EMBEDDING
from pytest_llmcost.suites.tree.fields import Key, Table
from pytest_llmcost.suites.tree.shapes import ByShape, ListOf
from pytest_llmcost.suites.tree.values import Kind, Number, OneOf, Only, Text

TOP_K, CHUNK_TOKENS = 3, 256
"""What holds where nobody says it."""
FEWEST_TOKENS = 8

_KEYS = {
    "documents": Key(
        ByShape(Text(), ListOf(Text(), at_least=1)), "files to look things up in: docs/*.md, or a list of such"
    ),
    "top_k": Key(Number(1, 1_000, is_whole=True), f"most passages for a case; default {TOP_K}"),
    "chunk_tokens": Key(
        Number(FEWEST_TOKENS, 1_000_000, is_whole=True),
        f"longest passage; documents of no more are one; default {CHUNK_TOKENS}",
    ),
    "compress_to": Key(
        Number(FEWEST_TOKENS, 1_000_000, is_whole=True), "to how many tokens each passage is compressed"
    ),
    "retriever": Key(OneOf((BM25, EMBEDDING)), "how passages are ranked: by words, or by meaning"),
}


def context_key(who: Kind) -> Key:
    """Return the key of a context, in which a model may be named as *who* reads it."""
    compressor = Key(who, "the model that compresses passages; without it their nearest sentences are taken")
    table = Table("context", {**_KEYS, "compressor": compressor})
    return Key(ByShape(Only(False), mapping=table), "documents to look up for each case; false: none")
