"""Filters that write data in fewer tokens."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.calls.tokens import count_tokens
from pytest_llmcost.domain.suite import Prompt
from pytest_llmcost.suites.render import PromptRenderer
from pytest_llmcost.suites.templates import TemplateError, compile_template

ROWS = [{"id": 1, "name": "a, b", "ok": True}, {"id": 2, "note": "x|y\nz", "name": None}]
words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=9)
data = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
)


def written(template: str, value: Any = ROWS) -> str:
    return compile_template(template).render({"v": value})


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (
            "{{ v | compact_json }}",
            '[{"id":1,"name":"a, b","ok":true},{"id":2,"note":"x|y\\nz","name":null}]',
        ),
        ("{{ v[:1] | yaml }}", "- id: 1\n  name: a, b\n  ok: true"),
        ("{{ v | table }}", 'id,name,ok,note\n1,"a, b",true,\n2,,,"x|y\nz"'),
        ("{{ v | table('markdown') }}", "|id|name|ok|note|\n|-|-|-|-|\n|1|a, b|true||\n|2|||x\\|y z|"),
        ("{{ v | table(style='csv') | length }}", "42"),
        ("{{ v[0].name | truncate_tokens(2) }}", "a,"),
        ("{{ v[1].name | truncate_tokens(2) }}", ""),
    ],
)
def test_what_each_writes(template: str, text: str) -> None:
    assert written(template) == text


@given(data)
def test_json_and_yaml_say_what_the_data_says(value: Any) -> None:
    assert json.loads(written("{{ v | compact_json }}", value)) == value
    assert yaml.safe_load(written("{{ v | yaml }}", value)) == value


@given(st.lists(st.fixed_dictionaries({"a": words, "b, c": words}), min_size=1, max_size=4))
def test_a_table_has_every_cell(rows: list[dict[str, str]]) -> None:
    assert list(csv.DictReader(io.StringIO(written("{{ v | table }}", rows)))) == rows


@pytest.mark.parametrize(
    ("template", "value", "told"),
    [
        ("{{ v | table }}", "text", "a list of mappings is needed"),
        ("{{ v | table }}", [1], "a list of mappings is needed"),
        ("{{ v | table('html') }}", ROWS, "'html' is no style. There are csv, markdown"),
        ("{{ v | table }}", [{f"c{i}": 1} for i in range(400)], "it writes more than 100,000 characters"),
        ("{{ v | compact_json }}", "x" * 100_000, "it writes more than 100,000 characters"),
        ("{{ v | yaml }}", ["\n" * 90_000], "it writes more than 100,000 characters"),
        ("{{ v | truncate_tokens('5') }}", "text", "truncate_tokens takes a whole number from 0, not '5'"),
        ("{{ v | truncate_tokens(-1) }}", "text", "truncate_tokens takes a whole number from 0, not -1"),
        ("{{ v | truncate_tokens(1) }}", "x" * 1_000_001, "truncate_tokens reads at most 1,000,000 characters"),
        ("{% for one in v %}{{ v | truncate_tokens(1) }}{% endfor %}", "x" * 5_000, "more than 20,000 steps"),
        ("{% for one in v %}{{ v | compact_json | length }}{% endfor %}", ["x" * 90] * 900, "more than 20,000 steps"),
        ("{{ w | compact_json }}", ROWS, "'w' is undefined"),
    ],
)
def test_what_cannot_be_written_is_said(template: str, value: Any, told: str) -> None:
    with pytest.raises(TemplateError, match="^" + told.replace("(", r"\(") if told[0] == "'" else None) as caught:
        written(template, value)
    assert told in str(caught.value)


def test_a_text_is_cut_by_the_tokens_of_the_model_that_reads_it() -> None:
    prompt = Prompt(prompt="{{ text | truncate_tokens(3) }}")
    fields = {"text": "Ein Tausendfüßler läuft über die Straße."}

    cut = {
        model: PromptRenderer(prompt, model=f"openai/{model}").messages(fields)[0]["content"]
        for model in ("gpt-4o", "gpt-4")
    }

    assert all(fields["text"].startswith(text) for text in cut.values())
    assert [count_tokens(text, f"openai/{model}").tokens for model, text in cut.items()] == [3, 3]
    assert len(cut["gpt-4o"]) > len(cut["gpt-4"])
