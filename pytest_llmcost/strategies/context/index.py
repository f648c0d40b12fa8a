"""The passages of some documents, and their sentences, ready to be asked; built once a process."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import accumulate, chain

from pytest_llmcost.calls.tokens import TokenCounter, counter_of
from pytest_llmcost.domain.context import BM25, EMBEDDING, Context, Document, Passage
from pytest_llmcost.strategies.context.bm25 import Bm25
from pytest_llmcost.strategies.context.meaning import ByMeaning
from pytest_llmcost.strategies.context.pieces import chunks_of, cut, sentences_of
from pytest_llmcost.strategies.context.ranked import MakeRanker, Ranker, best_first

_RANKERS: dict[str, MakeRanker] = {BM25: Bm25, EMBEDDING: ByMeaning}
_MOST_INDEXES = 16
_building = threading.Lock()


@dataclass(frozen=True)
class Index:
    """What can be found in some documents.

    Attributes:
        passages: In the order of the documents.
        make: Makes what ranks texts.
        counter: Counts tokens: always the same way, so that passages do not change with the model that reads them.
    """

    passages: tuple[Passage, ...]
    make: MakeRanker
    counter: TokenCounter

    def find(self, question: str, top_k: int) -> list[int]:
        """Return the places of the *top_k* passages nearest to *question*, the nearest first.

        Passages that have nothing in common with it are left out. Where all fit they come in the
        order of the documents: the same text for each question, which a provider's cache can keep.
        """
        if top_k >= len(self.passages):
            return list(range(len(self.passages)))
        scores = self._passages.scores(question, range(len(self.passages)))
        return [place for place in best_first(scores)[:top_k] if scores[place] > 0]

    def compressed(self, place: int, question: str, most_tokens: int) -> Passage:
        """Return a passage with its sentences nearest to *question* alone, in their order, in *most_tokens* at most."""
        passage = self.passages[place]
        if passage.tokens <= most_tokens:
            return passage
        own = self._split[place]
        scores = self._sentences.scores(question, range(self._bounds[place], self._bounds[place + 1]))
        kept, left = set(), most_tokens
        for number in best_first(scores):
            tokens = self.counter.count(own[number])
            if tokens <= left:
                kept.add(number)
                left -= tokens
        text = "".join(sentence for number, sentence in enumerate(own) if number in kept)
        if not kept:  # each of them is longer
            text = cut(own[best_first(scores)[0]], most_tokens, self.counter)
        return told(passage, text.strip(), self.counter)

    @cached_property
    def _passages(self) -> Ranker:
        return self.make([passage.text for passage in self.passages])

    @cached_property
    def _split(self) -> list[list[str]]:
        return [sentences_of(passage.text) for passage in self.passages]

    @cached_property
    def _bounds(self) -> list[int]:
        return [0, *accumulate(map(len, self._split))]

    @cached_property
    def _sentences(self) -> Ranker:
        return self.make(list(chain.from_iterable(self._split)))


def index_of(context: Context) -> Index:
    """Return the index of a context's documents; strategies that cut the same ones alike share it."""
    with _building:  # (all cases of a suite ask at once)
        return _index(context.documents, context.chunk_tokens, context.retriever)


@lru_cache(maxsize=_MOST_INDEXES)
def _index(documents: tuple[Document, ...], chunk_tokens: int, retriever: str) -> Index:
    counter = counter_of("")
    passages: list[Passage] = []
    for document in documents:
        chunks = chunks_of(document.text, chunk_tokens, counter)
        for part, text in enumerate(chunks, 1):
            passage = Passage(document.source, part if len(chunks) > 1 else 0, 0, "")
            passages.append(told(passage, text, counter))
    return Index(tuple(passages), _RANKERS[retriever], counter)


def told(passage: Passage, text: str, counter: TokenCounter) -> Passage:
    """Return *passage* with another text."""
    sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return replace(passage, tokens=counter.count(text), sha256=sha256, text=text)
