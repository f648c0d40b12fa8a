"""A suite with twins beside its strategies is a suite again, whichever form it has."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.suites.lint.variant import lean_path, with_twins
from pytest_llmcost.suites.tree.compose import compose
from pytest_llmcost.suites.tree.nodes import Map, data_of
from pytest_llmcost.suites.tree.report import Report

PROMPT = "Sort {{ text }}\n\n  - by topic\n"
FORMS = {
    "block": (
        "suite: mails\nprompt: 'Sort, {{ text }}'\n"
        "strategies:\n    # who\n    one: {model: cheap}\n    two: {model: mid}\n"
    ),
    "flow": "prompt: 'Sort, {{ text }}'\nstrategies: {one: {model: cheap}, two: {model: mid, params: {seed: 7}}}\n",
    "list": "prompt: 'Sort, {{ text }}'\nstrategies: [one, two]\n",
    "default": "prompt: 'Sort, {{ text }}'\n",
}
CASES = "# cases\ncases:\n  - {text: a, expected: b}\n"
CONFIGURED = {"one": {"model": "cheap"}, "two": {"model": "mid"}}


def tree_of(source: str) -> Map:
    report = Report("bench_it.yaml")
    report.source = source
    tree = compose(report)
    assert isinstance(tree, Map)
    return tree


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "prompt", [PROMPT, "one line {{ text }}", " starts blank {{ text }}", "ends {{ text }}\n\n", "\u2028{{ text }}"]
)
def test_twins_stand_beside_their_originals_in_every_form(read, form, prompt):
    source = FORMS[form] + CASES
    options = (
        {"strategies": CONFIGURED, "defaults": {"strategies": ["one", "two"]}} if form in ("list", "default") else {}
    )
    before = {spec.name: spec for spec in read(source, **options).strategies}
    written = with_twins(source, tree_of(source), "mails", ["one", "two"], {"two": {"prompt": prompt, "system": "Be."}})
    suite = read(written, **options)
    after = {spec.name: spec for spec in suite.strategies}
    twin = after.pop("two-lean")
    assert (twin.model, twin.prompt.prompt, twin.prompt.system) == ("mid", prompt, "Be.")
    assert twin.params == before["two"].params
    assert {name: (spec.model, spec.prompt, spec.params) for name, spec in after.items()} == {
        name: (spec.model, spec.prompt, spec.params) for name, spec in before.items()
    }
    assert "# cases" in written
    assert suite.name != "mails"


def test_a_name_that_yaml_would_take_for_a_value_is_quoted():
    source = "prompt: '{{ text }}'\nstrategies:\n  true: {model: cheap}\n" + CASES
    written = with_twins(source, tree_of(source), "it", ["true"], {"true": {"prompt": "x {{ text }}"}})
    assert '  true-lean:\n    use: "true"\n' in written


def test_a_suite_written_as_json_is_left_to_its_author():
    source = '{"prompt": "{{ text }}", "strategies": {"one": {"model": "cheap"}}, "cases": []}'
    assert with_twins(source, tree_of(source), "it", ["one"], {"one": {"prompt": "x"}}) is None


@pytest.mark.parametrize(
    ("name", "lean"),
    [
        ("prompts/triage.txt", "prompts/triage.lean.txt"),
        ("triage", "triage.lean"),
        ("bench_mail.yaml", "bench_mail_lean.yaml"),
        ("mail_bench.yml", "mail_lean_bench.yml"),
    ],
)
def test_a_variant_has_a_name_of_its_own_that_pytest_still_collects(name, lean):
    assert lean_path(Path(name)) == Path(lean)


@given(st.text(alphabet=" \n\tab{}#:-|>'\"\\\u00e9\u2028\x85\ufeff\U0001f642", min_size=1, max_size=40))
def test_any_text_reads_back_as_it_was(text):
    source = FORMS["block"] + CASES
    written = with_twins(source, tree_of(source), "mails", ["one"], {"one": {"prompt": text}})
    (twin,) = [value for key, value in data_of(tree_of(written).entries["strategies"][1]).items() if key == "one-lean"]
    assert twin == {"use": "one", "prompt": text}
