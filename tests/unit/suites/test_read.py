"""From a path to a suite: both forms, defaults, precedence, identity."""

from decimal import Decimal

import pytest

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.domain.gate import Gate
from pytest_llmcost.domain.suite import Example, ScorerSpec
from pytest_llmcost.suites.read import read_suite

FULL = """
suite: support-scope
description: In or out of scope
labels: [in-scope, out-of-scope]
system: You triage support mail.
prompt: |
  Is this mail in-scope or out-of-scope?
  {{ text }}
style: chat
examples:
  - {text: I forgot my password, expected: in-scope}
  - {text: Sing, expected: out-of-scope}
params: {temperature: 0, max_tokens: 8, seed: 7}
strategies:
  cheap: {model: cheap}
  gpt-mini: {model: openai/gpt-4o-mini, calibrate: false, params: {max_tokens: 4}}
  terse: {model: mid, prompt: "Scope? {{ text }}", examples: 1, parse: text, gate: {quality: {min: 0.9}}}
  old: {model: mid, prompt: "{{ text }}", gate: false}
parse: label
calibrate: true
scorer: label
threshold: 1.0
budget_usd: 0.50
gate:
  quality: {margin: 0.02, min: 0.80}
  cost: {max_usd_per_case: 0.002, max_increase: 0.10}
  tokens: {max_increase: 0.10}
  latency: {p95_seconds: 5, max_increase: 0.50, fail: false}
  errors: {max_rate: 0}
  coverage: {min: 0.9}
cases:
  - {id: reset, text: "How do I reset my password?", expected: in-scope, tags: [account], meta: {from: mail, n: 1}}
  - {text: My order has not arrived, expected: [in-scope, out-of-scope]}
"""

SMALL = 'prompt: "{{ text }}"\nstrategies: {it: {model: cheap}}\ncases: [{text: a, expected: b}]\n'


def test_full_suite(read):
    """Everything that a suite says arrives."""
    suite = read(FULL)
    assert (suite.path, suite.name, suite.description) == ("bench_it.yaml", "support-scope", "In or out of scope")
    assert suite.labels == ("in-scope", "out-of-scope")
    assert (suite.scorer, suite.threshold, suite.budget_usd) == ((ScorerSpec("label"),), 1.0, Decimal("0.50"))
    reset, order = suite.cases
    assert (reset.id, reset.expected, reset.tags, reset.meta) == (
        "reset",
        ("in-scope",),
        ("account",),
        {"from": "mail", "n": 1},
    )
    assert (reset.fields, reset.path, reset.line) == ({"text": "How do I reset my password?"}, "bench_it.yaml", 32)
    assert order.expected == ("in-scope", "out-of-scope")


def test_strategy_over_suite(read):
    """A strategy has the suite's settings but for those that it states itself."""
    cheap, mini, terse, old = read(FULL).strategies
    assert cheap.prompt.system == terse.prompt.system == "You triage support mail."
    assert cheap.prompt.prompt == "Is this mail in-scope or out-of-scope?\n{{ text }}\n"
    assert cheap.prompt.examples == (
        Example({"text": "I forgot my password"}, "in-scope"),
        Example({"text": "Sing"}, "out-of-scope"),
    )
    assert terse.prompt.examples == cheap.prompt.examples[:1]
    assert terse.prompt.prompt == "Scope? {{ text }}"
    assert cheap.params == {"temperature": 0, "max_tokens": 8, "seed": 7}
    assert mini.params == {"temperature": 0, "max_tokens": 4, "seed": 7}
    assert [s.calibrate for s in (cheap, mini, terse, old)] == [True, False, True, True]
    assert [s.parse for s in (cheap, mini, terse, old)] == ["label", "label", "text", "label"]
    assert (cheap.model, mini.model, cheap.line, old.line) == ("cheap", "openai/gpt-4o-mini", 15, 18)
    assert old.gate is None


def test_smallest_mapping(read):
    """What is not stated has its default."""
    suite = read(SMALL, name="deep/bench_small.yaml")
    (it,) = suite.strategies
    assert (suite.path, suite.name, suite.description) == ("deep/bench_small.yaml", "small", "")
    assert (suite.labels, suite.scorer, suite.threshold, suite.budget_usd) == ((), (ScorerSpec("exact"),), 1.0, None)
    assert (it.prompt.system, it.prompt.style, it.prompt.examples, it.params) == (None, "chat", (), {})
    assert (it.parse, it.calibrate, it.gate) == ("text", False, Gate())


@pytest.mark.parametrize(("name", "shown"), [("bench_a.yaml", "a"), ("a_bench.yml", "a"), ("x/other.yaml", "other")])
def test_name_from_file(read, name, shown):
    """A suite without a name is called like its file."""
    assert read(SMALL, name=name).name == shown


def test_path_is_below_root(tmp_path, monkeypatch):
    """The identity does not depend on where pytest is started, or on how the path is written."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "bench_x.yaml").write_text(SMALL)
    monkeypatch.chdir(tmp_path / "a")
    for path in (tmp_path / "a/../a/bench_x.yaml", tmp_path.__class__("bench_x.yaml")):
        assert read_suite(path, root=tmp_path, models=["cheap"]).path == "a/bench_x.yaml"


def test_error_carries_all_problems(read):
    """The problems are data, sorted by place, and the text of the error has each on its line."""
    with pytest.raises(SuiteError) as caught:
        read("prompt: hi\nbudget_usd: x\nbugdet: 1\ncases: []\n")
    error = caught.value
    assert (error.path, [problem.line for problem in error.problems]) == ("bench_it.yaml", [1, 2, 3, 4])
    assert str(error).splitlines() == [
        "bench_it.yaml:1:1: there is no strategy: nobody to ask. "
        "Write here: strategies: {my-model: {model: openai/gpt-4o-mini}},",
        'or in the configuration: [tool.llmcost.defaults] strategies = ["openai/gpt-4o-mini"]',
        "bench_it.yaml:2:13: budget_usd is 'x': a number from 0, in US dollars, is needed",
        "bench_it.yaml:3:1: unknown key 'bugdet' in a suite (did you mean 'budget_usd'?)",
        "bench_it.yaml:4:8: cases has length 0: at least 1 is needed",
    ]


@pytest.mark.parametrize("text", ["", "\n# nothing\n", "---\n", "null\n", "~"])
def test_empty_file(mistakes, text):
    """An empty file says what to write."""
    assert mistakes(text) == ["1:1: the file is empty. Write cases, such as - {text: What is 2 + 2?, expected: 4}"]


def test_neither_list_nor_mapping(mistakes):
    """A file of plain text is no suite."""
    assert mistakes("hello") == ["1:1: the file is 'hello': a list or a mapping is needed"]


def test_money_is_exact(read):
    """A budget is the decimal that is written, not the nearest binary fraction."""
    assert read(SMALL + "budget_usd: 0.1\n").budget_usd == Decimal("0.1")
    assert read(SMALL + "budget_usd: 0\n").budget_usd == 0
