"""Each text of a suite's prompts is found where it is written, whichever way that is."""

from __future__ import annotations

import pytest

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.suites.lint.passages import passage_of_file, passages_of_suite

SUITE = """\
system: "A line."
prompt: |-
  First {{ text }}
  second
strategies:
  one: {model: cheap}
  two: {model: mid, prompt_file: deep/two.txt}
  chat:
    model: mid
    messages:
      - {role: user, content: "How, {{ text }}?"}
examples:
  - {text: a, expected: b}
  - {text: c, expected: d}
cases:
  - {text: e, expected: f}
"""


def places(read, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/two.txt").write_text("Two\nlines {{ text }}\n", "utf-8")
    suite = read(SUITE)
    return {one.text: one for one in passages_of_suite(suite, tmp_path / suite.path, tmp_path)}


def test_texts_are_found_in_quotes_blocks_lists_and_files(read, tmp_path):
    found = places(read, tmp_path)
    assert [(one.path, one.line, one.key) for one in found.values()] == [
        ("bench_it.yaml", 1, "system"),
        ("bench_it.yaml", 3, "prompt"),
        ("deep/two.txt", 1, "prompt"),
        ("bench_it.yaml", 11, "messages"),
    ]
    prompt = found["First {{ text }}\nsecond"]
    assert prompt.line_at(prompt.text.index("second")) == 4
    assert found["A line."].line_at(3) == 1


def test_a_question_counts_once_more_an_example_and_each_asker_is_named(read, tmp_path):
    found = places(read, tmp_path)
    assert [(asker.name, asker.model, asker.times) for asker in found["A line."].askers] == [
        ("one", "cheap", 1),
        ("two", "mid", 1),
    ]
    assert [asker.times for asker in found["First {{ text }}\nsecond"].askers] == [3]
    assert [asker.times for asker in found["How, {{ text }}?"].askers] == [3]


def test_what_the_configuration_says_stands_where_the_strategies_do(read, tmp_path):
    text = "- {text: a, expected: b}\n- {text: c, expected: d}\n"
    suite = read(text, defaults={"strategies": ["cheap"], "prompt": "Which, {{ text }}?"})
    (one,) = passages_of_suite(suite, tmp_path / suite.path, tmp_path)
    assert (one.path, one.has_lines) == ("bench_it.yaml", False)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xff\xfe\x00", "UTF-16"),
        (b"ab\n\xe4", "2:1: byte 0xE4 is not UTF-8"),
        (b"a\nb\0", "2:1: this is no text: it holds a NUL"),
        (b"a" * 100_001, "100,001 characters are too long for a prompt"),
        (None, "the file cannot be read"),
    ],
)
def test_a_file_that_is_no_prompt_is_refused_by_its_place(tmp_path, content, what):
    path = tmp_path / "prompt.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SuiteError, match=what):
        passage_of_file(path)
