"""A document is cut where its author cut it: between paragraphs, else between sentences, else between words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from pytest_llmcost.calls.tokens import TokenCounter

_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_SENTENCES = re.compile(r"\n\s*|(?<=[.!?])[\"')\]]*\s+(?=\S)|(?<=[。！？])")  # noqa: RUF001 (they end sentences, too)
_HEADING = re.compile(r"#{1,6} [^\n]*\Z")
_CHARACTERS_A_TOKEN = 16
"""More than any text has on the average: what is beyond need not be looked at."""


def chunks_of(text: str, most_tokens: int, counter: TokenCounter) -> list[str]:
    """Return *text* in pieces of at most *most_tokens*, each as long as its paragraphs allow; whole where it is short.

    A heading stays with what is below it. Nothing is there twice, and nothing is lost but blank
    space between pieces.
    """
    text = text.strip()
    if counter.count(text) <= most_tokens:
        return [text] if text else []
    units = (part for unit in _paragraphs(text) for part in _fitting(f"{unit}\n\n", most_tokens, counter))
    return list(_packed(units, most_tokens, counter))


def sentences_of(text: str) -> list[str]:
    """Return the sentences of *text*, each with the blank space after it: joined they are the text.

    A line's end ends one, too: headings, rows and items of lists are sentences of their own.
    """
    places = [0, *(match.end() for match in _SENTENCES.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(places) if start < end]


def cut(text: str, most_tokens: int, counter: TokenCounter) -> str:
    """Return the beginning of *text*, of at most *most_tokens*; it ends with a word, unless that is longer."""
    start = text[: most_tokens * _CHARACTERS_A_TOKEN]
    first = counter.first(start, most_tokens)
    if len(first) == len(text):
        return text
    words = first.rstrip() if text[len(first)].isspace() else first.rpartition(" ")[0].rstrip()
    return words or first


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of *text*, a heading with the one that is below it."""
    above = ""
    for paragraph in _PARAGRAPHS.split(text):
        whole = f"{above}{paragraph}"
        above = f"{whole}\n\n" if _HEADING.match(paragraph) else ""
        if not above:
            yield whole
    if above:
        yield above


def _fitting(unit: str, most_tokens: int, counter: TokenCounter) -> Iterator[str]:
    if counter.count(unit) <= most_tokens:
        yield unit
        return
    parts = (part for sentence in sentences_of(unit) for part in _words(sentence, most_tokens, counter))
    yield from (f"{piece}\n\n" for piece in _packed(parts, most_tokens, counter))


def _words(sentence: str, most_tokens: int, counter: TokenCounter) -> Iterator[str]:
    while sentence:
        part = cut(sentence, most_tokens, counter)
        yield part
        sentence = sentence[len(part) :]


def _packed(units: Iterable[str], most_tokens: int, counter: TokenCounter) -> Iterator[str]:
    """Yield *units*, as many together as fit."""
    packed, tokens = "", 0
    for unit in units:
        own = counter.count(unit)
        if packed and tokens + own > most_tokens:
            yield packed.strip()
            packed, tokens = "", 0
        packed, tokens = packed + unit, tokens + own
    if packed.strip():
        yield packed.strip()
