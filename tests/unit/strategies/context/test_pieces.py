"""Documents are cut between paragraphs, sentences, words, in that order, and nothing of them is lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.calls.tokens import TokenCounter
from pytest_llmcost.strategies.context.pieces import chunks_of, cut, sentences_of


class Words:
    """Satisfies `Tokenizer`: each word, with the blank space before it, is a token; so is blank space at the end."""

    by = "words"

    def pieces(self, text: str) -> Sequence[bytes]:
        words = text.split()
        found, at = [], 0
        for word in words:
            end = text.index(word, at) + len(word)
            found.append(text[at:end].encode())
            at = end
        return found


WORDS = TokenCounter(Words(), False, "words")


def test_a_short_document_is_one_piece() -> None:
    assert chunks_of("\nOne two.\n\nThree.\n", 3, WORDS) == ["One two.\n\nThree."]


def test_a_longer_one_is_cut_between_paragraphs_and_pieces_are_as_long_as_they_may_be() -> None:
    assert chunks_of("a b\n\nc d\n\ne f g\n\nh", 4, WORDS) == ["a b\n\nc d", "e f g\n\nh"]


def test_a_heading_stays_with_what_is_below_it() -> None:
    assert chunks_of("a b c\n\n# Pay\n\nd e f", 5, WORDS) == ["a b c", "# Pay\n\nd e f"]


def test_a_paragraph_that_is_too_long_is_cut_between_sentences_and_a_sentence_between_words() -> None:
    assert chunks_of("One two. Three four.\n\nx", 2, WORDS) == ["One two.", "Three four.", "x"]
    assert chunks_of("one two three four five", 2, WORDS) == ["one two", "three four", "five"]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ('He said "no." Then 3.5 km.\nEnd', ['He said "no." ', "Then 3.5 km.\n", "End"]),
        ("# Pay\n\n- one\n- two\n", ["# Pay\n\n", "- one\n", "- two\n"]),
        ("これは文。次。", ["これは文。", "次。"]),
        ("", []),
    ],
)
def test_sentences_end_with_a_full_stop_or_a_line(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences


@pytest.mark.parametrize(("most", "kept"), [(2, "one two"), (3, "one two three"), (9, "one two three"), (1, "one")])
def test_a_text_is_cut_after_a_word(most: int, kept: str) -> None:
    assert cut("one two three", most, WORDS) == kept


@given(st.text(st.sampled_from("ab.\n #é。"), max_size=120), st.integers(1, 9))
def test_no_word_is_lost_and_no_piece_is_too_long(text: str, most: int) -> None:
    pieces = chunks_of(text, most, WORDS)

    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(WORDS.count(piece) <= most for piece in pieces)
    assert "".join(sentences_of(text)) == text
