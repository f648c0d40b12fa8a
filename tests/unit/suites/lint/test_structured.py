"""JSON in a prompt, by counted tokens (here: characters)."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmcost.suites.lint.rules import findings_of, lean
from pytest_llmcost.suites.lint.structured import blocks_of, verbose_json

ROWS = [
    {"customer_identifier": n, "city": city, "is_express": n == 1} for n, city in enumerate(["Rome", "Oslo", "Bern"])
]


def findings(text: str) -> dict[str, str]:
    return {one.rule: one.what for one in verbose_json(text, blocks_of(text), len)}


def test_white_space_keys_and_form_are_each_told_with_their_tokens():
    written = json.dumps(ROWS, indent=2)
    compact = json.dumps(ROWS, separators=(",", ":"))
    csv = "customer_identifier,city,is_express\n0,Rome,false\n1,Oslo,true\n2,Bern,false\n"
    told = findings(f"The orders:\n{written}\nSort them.")
    assert told["json"] == f"JSON of {len(written)} tokens is {len(compact)} without its white space"
    renamed = len(compact) - 3 * len("customer_")
    assert told["json-keys"] == (
        f"long keys: compact, {len(compact)} tokens; {renamed} with customer_identifier -> identifier, "
        "where nothing else reads them"
    )
    assert f"CSV {len(csv)} tokens" in told["json-format"]
    assert told["json-format"].startswith("data as CSV is shorter")


def test_only_white_space_is_mended():
    text = f"Please sort:\n{json.dumps(ROWS, indent=2)}\n"
    assert lean(text, findings_of(text, len)) == f"Sort:\n{json.dumps(ROWS, separators=(',', ':'))}\n"


def test_nested_data_is_no_csv_and_short_or_half_json_is_none():
    nested = json.dumps({"order": {"lines": [{"a": 1}] * 5}, "of": "somebody who lives in Rome"}, indent=1)
    assert "CSV" not in findings(nested).get("json-format", "")
    assert blocks_of('Reply as {"topic": "shop"}') == []
    assert blocks_of('{"text": {{ text }}, "more": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}') == []
    assert blocks_of("[" * 50_000) == []


def test_a_tag_inside_of_a_string_is_kept():
    text = json.dumps({"text": "{{ text }}", "note": "keep  two blanks " * 3}, indent=2)
    (one,) = [found for found in verbose_json(text, blocks_of(text), len) if found.edit]
    assert json.loads(one.mended(text)) == json.loads(text)


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    )
)
def test_without_its_white_space_json_means_the_same(value):
    text = json.dumps({"a padding that is long enough to be looked at": value}, indent=3)
    for one in verbose_json(text, blocks_of(text), len):
        if one.edit:
            assert json.loads(one.mended(text)) == json.loads(text)
