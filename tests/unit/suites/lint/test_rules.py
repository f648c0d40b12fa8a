"""All rules over one text: where two of them want the same words, the text is mended once."""

from __future__ import annotations

from pytest_llmcost.suites.lint.rules import MOST_FINDINGS, findings_of, lean


def test_filler_inside_of_a_repetition_leaves_with_it():
    text = "Answer in one word only. Please answer in one word."
    found = findings_of(text, len)
    assert [one.rule for one in found] == ["filler", "repeated"]
    assert lean(text, found) == "Answer in one word only."


def test_words_in_data_are_left_alone():
    data = '["say \\"now please note that it is late\\" twice", "now please note that it is late, and again"]'
    text = f"Please sort.\n{data}\n"
    assert [one.rule for one in findings_of(text, len)] == ["filler", "json", "json-format"]
    assert lean(text, findings_of(text, len)) == text.replace("Please sort", "Sort").replace('", "', '","')


def test_of_many_findings_the_first_are_told():
    found = findings_of("please sort\n" * 500, len)
    assert [one.start for one in found] == [12 * place for place in range(MOST_FINDINGS)]
