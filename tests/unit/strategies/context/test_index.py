"""The passages nearest to a question are found, and of each the sentences nearest to it are kept."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pytest_llmcost.domain.context import Context, Document
from pytest_llmcost.strategies.context.bm25 import Bm25
from pytest_llmcost.strategies.context.index import Index, index_of
from pytest_llmcost.strategies.context.meaning import ByMeaning

LEAVE = "Leave is 25 days a year. Ask two weeks ahead. Whoever marries gets one day more."
PAY = "Pay comes on the 25th. A bonus comes in November."
FIRE = "Walk out by the green sign. Meet under the tree."
PAGES = (Document("leave.md", LEAVE), Document("pay.md", PAY), Document("fire.md", FIRE))


def index(*documents: Document, chunk_tokens: int = 100) -> Index:
    return index_of(Context(documents or PAGES, top_k=3, chunk_tokens=chunk_tokens))


def sources(question: str, top_k: int) -> list[str]:
    found = index()
    return [found.passages[place].source for place in found.find(question, top_k)]


def test_the_nearest_passages_come_first_and_what_shares_no_word_is_left_out() -> None:
    assert sources("How many days of leave are there in a year?", 1) == ["leave.md"]
    assert sources("Does the bonus come on a green tree?", 2)[0] in ("pay.md", "fire.md")
    assert sources("November", 2) == ["pay.md"]
    assert sources("Zebra?", 2) == []
    assert sources("", 2) == []


def test_where_all_passages_fit_they_stand_in_the_order_of_the_documents_for_each_question() -> None:
    assert sources("November", 3) == sources("Zebra?", 5) == ["leave.md", "pay.md", "fire.md"]


def test_a_passage_of_a_longer_document_says_which_piece_it_is() -> None:
    found = index(Document("all.md", f"{LEAVE}\n\n{PAY}\n\n{FIRE}"), Document("x.md", "Short."), chunk_tokens=24)

    assert [(one.source, one.part) for one in found.passages] == [
        ("all.md", 1),
        ("all.md", 2),
        ("all.md", 3),
        ("x.md", 0),
    ]
    assert all(one.tokens <= 24 for one in found.passages)


def test_compression_keeps_the_sentences_nearest_to_the_question_in_their_order() -> None:
    found = index()

    kept = found.compressed(0, "Is there a day more for those who marry, or two weeks?", 19)

    assert kept.text == "Ask two weeks ahead. Whoever marries gets one day more."
    assert kept.tokens <= 19 < found.passages[0].tokens
    assert (kept.source, len(kept.sha256)) == ("leave.md", 64)
    assert kept.sha256 != found.passages[0].sha256


def test_a_passage_that_is_short_enough_is_left_whole() -> None:
    found = index()

    assert found.compressed(1, "bonus", found.passages[1].tokens) is found.passages[1]


def test_a_sentence_that_is_longer_than_all_that_may_be_kept_is_cut() -> None:
    found = index(Document("one.md", "Seven words or more stand in this sentence of which only some may stay."))

    kept = found.compressed(0, "sentence", 8)

    assert FIRST_WORDS.startswith(kept.text)
    assert 0 < kept.tokens <= 8


FIRST_WORDS = "Seven words or more stand in this sentence of"


def test_the_same_documents_are_cut_and_ranked_once() -> None:
    assert index() is index(*[Document(one.source, one.text) for one in PAGES])
    assert index() is not index(chunk_tokens=99)
    assert index() is not index(*PAGES[1:])


@pytest.mark.parametrize("question", ["days", "the days of the week", "nothing here"])
def test_scores_are_those_of_bm25(question: str) -> None:
    """By brute force: Lucene's form, k1 = 1.5 and b = 0.75 (Kamphuis and others 2020)."""
    texts = [LEAVE.lower(), PAY.lower(), FIRE.lower()]
    bags = [[word.strip(".,?") for word in text.split()] for text in texts]
    mean = sum(map(len, bags)) / len(bags)

    def score(bag: list[str]) -> float:
        total = 0.0
        for word in question.split():
            documents = sum(word in other for other in bags)
            idf = math.log(1 + (len(bags) - documents + 0.5) / (documents + 0.5))
            tf = bag.count(word)
            total += idf * tf / (tf + 1.5 * (1 - 0.75 + 0.75 * len(bag) / mean))
        return total

    assert Bm25(texts).scores(question, range(3)) == pytest.approx([score(bag) for bag in bags], rel=1e-5)


def test_texts_without_words_rank_nowhere() -> None:
    assert list(Bm25(["", "..."]).scores("word", range(2))) == [0.0, 0.0]
    assert list(Bm25(["word"]).scores("?!", range(1))) == [0.0]


class Angles:
    """Satisfies `Embedder`: a text lies at the angle that it names, in degrees."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, text: str) -> Any:
        import numpy

        self.asked.append(text)
        angle = math.radians(float(text))
        return numpy.array([math.cos(angle), math.sin(angle)])


def test_by_meaning_the_score_is_the_cosine_and_each_text_is_embedded_once_when_it_is_needed() -> None:
    embedder = Angles()
    ranker = ByMeaning(["0", "60", "180"], lambda: embedder)

    assert ranker.scores("0", range(1, 3)) == pytest.approx([0.5, -1.0])
    assert ranker.scores("60", range(3)) == pytest.approx([0.5, 1.0, -0.5])
    assert embedder.asked == ["0", "60", "180", "60", "0"]
