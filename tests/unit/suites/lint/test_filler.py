"""Filler is found by a table, and what stays is still an instruction."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.suites.lint.filler import filler
from pytest_llmcost.suites.lint.finding import applied
from pytest_llmcost.suites.lint.phrases import PARTS, PHRASES


def mended(text: str) -> str:
    return applied(text, [one.edit for one in filler(text) if one.edit])


@pytest.mark.parametrize(
    ("text", "lean"),
    [
        ("Please provide a comprehensive analysis of the feedback.", "Analyze the feedback."),
        ("Could you please summarize the text below?", "Summarize the text below?"),
        ("I would like you to sort this mail.", "Sort this mail."),
        ("Sort it in order to help, please.", "Sort it to help."),
        ("It is very important to answer in JSON.", "Answer in JSON."),
        ("- Make sure to use JSON.", "- Use JSON."),
        ("- please use JSON.", "- use JSON."),
        ("Take into account the tone.", "Consider the tone."),
        ("Sort it. Be thorough and detailed in your response.\nMail:", "Sort it.\nMail:"),
        ("Thank you in advance!\nMail:", "Mail:"),
        ("Mail: {{ text }}\n\nThank you!\n", "Mail: {{ text }}\n"),
        ("You are a helpful assistant. Sort this.", "Sort this."),
        ("Due to the fact that it is late, be quick.", "Because it is late, be quick."),
        ("Provide a detailed and thorough explanation of it.", "Explain it."),
    ],
)
def test_a_phrase_of_the_table_leaves_a_sentence_behind(text, lean):
    assert mended(text) == lean


@pytest.mark.parametrize(
    "text",
    [
        "Sort each message by topic: shop or other.",
        "Would you pass {{ text }} on?",
        'Example: "Please cancel my order. Thank you in advance!"',
        "Call `please()` first.",
        "```\nplease sort\n```",
        "{{ 'please ' }}{# please note that #}",
        "They were pleased to hear it.",
    ],
)
def test_data_code_and_tags_are_left_alone(text):
    assert mended(text) == text


def test_of_two_phrases_at_one_place_the_longer_is_told():
    (one,) = filler("Sort it; provide a very detailed summary of it.")
    assert one.what == "wordy: 'provide a very detailed summary of'; 'summarize' says it"


def test_every_pattern_of_the_table_is_found_in_some_wording_and_has_no_part_unknown():
    for _, pattern, _ in PHRASES:
        assert not re.search(r"\{(?![0-9])", re.sub("|".join(f"{{{name}}}" for name in PARTS), "", pattern))
        re.compile(pattern.format(**PARTS) if "{1,60}" not in pattern else pattern)


@given(
    st.lists(st.sampled_from(["Please ", "sort ", "{{ text }}", "in order to ", "\n", "very ", "- ", '"'])).map("".join)
)
def test_mending_keeps_every_tag_and_never_makes_a_text_longer(text):
    lean = mended(text)
    assert lean.count("{{ text }}") == text.count("{{ text }}")
    assert len(lean) <= len(text)


HOSTILE = ["{{" * 50_000, "please" + " " * 90_000, "{% " * 30_000, "you are a helpful" + " and  helpful" * 7_000]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:10])
def test_a_hostile_text_takes_no_longer_than_its_length_does(text):
    assert len(list(filler(text))) <= 1  # (minutes, where a pattern tries again at each place)
