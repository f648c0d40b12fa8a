"""An instruction is repeated if another one says all of it; what adds a word, a number or a no is none."""

from __future__ import annotations

import pytest

from pytest_llmcost.suites.lint.finding import applied
from pytest_llmcost.suites.lint.repeated import repeated


def told(text: str) -> list[str]:
    return [one.what for one in repeated(text)]


def mended(text: str) -> str:
    return applied(text, [one.edit for one in repeated(text) if one.edit])


def test_the_later_of_two_that_say_the_same_goes_with_its_line():
    text = "Answer with one word only.\n- Use JSON.\n- Your answer must be one word.\nMail:\n"
    assert told(text) == ["'Your answer must be one word.' is said 2 lines above, too"]
    assert mended(text) == "Answer with one word only.\n- Use JSON.\nMail:\n"


def test_the_shorter_goes_where_a_later_one_says_more():
    text = "Give the topic alone. Then stop. Give the topic alone, in lower case."
    assert told(text) == ["'Give the topic alone.' is said in the same line, too"]
    assert mended(text) == "Then stop. Give the topic alone, in lower case."


@pytest.mark.parametrize(
    "text",
    [
        "Translate English to French. Translate French to English.",
        "If the mail is about orders, answer shop. If the mail is about books, answer other.",
        "Answer with one word. Do not answer with one word.",
        "Write 3 short lines. Write 4 short lines.",
        "Mail text below:\nMail text below:",
        "Sort it. Sort it.",
        'Say "the order is late". Say "the order is late" twice, loudly.',
    ],
)
def test_what_differs_in_order_denial_or_a_word_is_no_repetition(text):
    assert told(text) == []


def test_where_a_template_chooses_a_person_has_to():
    text = "{% if short %}Answer in one word only.{% else %}Answer in one word only. Explain it well.{% endif %}"
    (one,) = repeated(text)
    assert one.edit is None
    assert one.instead is not None
    assert len(one.instead) < len(text)


def test_data_is_not_compared():
    text = "The cat sat down. The cat sat down."
    assert list(repeated(text, [(18, 35)])) == []
