"""The contract's keys: known, or named as not supported yet, and never unknown."""

import pytest

from pytest_llmcost.suites.schema.case import CASE
from pytest_llmcost.suites.schema.gate import GATE
from pytest_llmcost.suites.schema.params import PARAMS
from pytest_llmcost.suites.schema.prompt import MESSAGE
from pytest_llmcost.suites.schema.suite import STRATEGY, SUITE
from pytest_llmcost.suites.tree.fields import Table

KNOWN = "exact, label, contains, starts_with, regex, numeric, json_schema, json_fields, f1, levenshtein, length, \
python or not"
HEAD = 'prompt: "{{ text }}"\nstrategies: {it: {model: cheap%s}}\ncases: [{text: a, expected: b%s}]\n%s'


def suite(top="", strategy="", case=""):
    """Return a good suite with something added in one place."""
    return HEAD % (strategy and ", " + strategy, case and ", " + case, top)


def test_nothing_wrong_with_the_frame(mistakes):
    """Without additions the suite of these tests is good."""
    assert mistakes(suite()) == []


@pytest.mark.parametrize(
    "line",
    [
        *("tools: tools.yaml", "turns: 2"),
    ],
)
def test_keys_of_a_suite_to_come(mistakes, line):
    """A key of the contract that cannot be had yet is named so, with its place."""
    key = line.partition(":")[0]
    assert mistakes(suite(top=line)) == [f"4:1: '{key}' is not supported yet. Leave it out"]


@pytest.mark.parametrize("key", ["app", "http", "answers"])
def test_strategies_to_come(mistakes, key):
    """A strategy of a kind that cannot be had yet is named so, and its model is not missed."""
    text = f'prompt: "{{{{ text }}}}"\nstrategies: {{it: {{{key}: x}}}}\ncases: [{{text: a, expected: b}}]\n'
    assert mistakes(text) == [f"2:19: '{key}' is not supported yet. Leave it out"]


@pytest.mark.parametrize("key", ["tools"])
def test_parts_of_a_strategy_to_come(mistakes, key):
    """What goes on a strategy later is named so."""
    assert mistakes(suite(strategy=f"{key}: x")) == [f"2:33: '{key}' is not supported yet. Leave it out"]


@pytest.mark.parametrize("key", ["messages", "turns"])
def test_keys_of_a_case_to_come(mistakes, key):
    """A case's keys of later are no template variables meanwhile."""
    assert mistakes(suite(case=f"{key}: 1")) == [f"3:32: '{key}' is not supported yet. Leave it out"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("scorer: judge", f"4:9: scorer 'judge' is not supported yet. Use {KNOWN}"),
        ("scorer: {similarity: {}}", f"4:10: scorer 'similarity' is not supported yet. Use {KNOWN}"),
        ("params: {tools: tools.yaml}", "4:10: 'tools' is not supported yet. Leave it out"),
    ],
)
def test_values_to_come(mistakes, line, said):
    """So are values of keys that are known."""
    assert mistakes(suite(top=line)) == [said]


@pytest.mark.parametrize(
    "key",
    [
        *(
            "response_format",
            "extra_headers",
            "headers",
            "api_key",
            "api_base",
            "base_url",
            "extra_body",
            "custom_llm_provider",
        ),
        *("callbacks", "success_callback", "num_retries", "fallbacks", "timeout", "n", "max_completion_tokens"),
    ],
)
def test_s09_refused_parameters(mistakes, key):
    """Keys, addresses, code and what multiplies calls are refused by name, for a suite and for a strategy."""
    (found,) = mistakes(suite(top=f"params: {{{key}: x}}"))
    assert found.startswith(f"4:10: '{key}' may not stand in params: ")
    (found,) = mistakes(suite(strategy=f"params: {{{key}: x}}"))
    assert found.startswith(f"2:42: '{key}' may not stand in params: ")


def test_s09_any_other_parameter(mistakes):
    """A parameter that is not on the list is refused, too."""
    (found,) = mistakes(suite(top="params: {vertex_location: x}"))
    assert found.startswith("4:10: unknown key 'vertex_location' in params. Known here: temperature, ")


def test_parameters_arrive_as_written(read):
    """What is on the list is passed on, with numbers as they are written."""
    written = "{temperature: 0, top_p: 0.5, stop: ['\\n', END], logit_bias: {'50256': -100}, reasoning_effort: low}"
    (it,) = read(suite(top=f"params: {written}")).strategies
    assert it.params == {
        "temperature": 0,
        "top_p": 0.5,
        "stop": ["\\n", "END"],
        "logit_bias": {"50256": -100},
        "reasoning_effort": "low",
    }


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ("quality: {margin: 0}", "4:26: margin is 0: a number above 0 up to 0.99 is needed"),
        ("quality: {margin: .nan}", "4:26: '.nan' is no finite number. If it is text, put it in quotes"),
        ("quality: {min: 1.1}", "4:23: min is 1.1: a number from 0 up to 1 is needed"),
        ("cost: {max_increase: .inf}", "4:29: '.inf' is no finite number. If it is text, put it in quotes"),
        ("cost: {max_usd_per_case: -1}", "4:33: max_usd_per_case is -1: a number from 0, in US dollars, is needed"),
        ("tokens: {max_increase: -0.1}", "4:31: max_increase is -0.1: a number from 0 is needed"),
        ("latency: {p95_seconds: 0}", "4:31: p95_seconds is 0: a number above 0 is needed"),
        ("errors: {max_rate: 2}", "4:27: max_rate is 2: a number from 0 up to 1 is needed"),
        ("coverage: {min: -1}", "4:24: min is -1: a number from 0 up to 1 is needed"),
    ],
)
def test_s06_numbers_of_a_gate(mistakes, gate, said):
    """What is not finite, or out of range, is no bound."""
    assert mistakes(suite(top=f"gate: {{{gate}}}")) == [said]


@pytest.mark.parametrize("table", [SUITE, STRATEGY, CASE, MESSAGE, PARAMS, GATE], ids=lambda table: table.title)
def test_tables_are_whole(table: Table):
    """Each key has one meaning and a description, which editors will show."""
    assert table.keys.keys().isdisjoint({*table.not_yet, *table.refused})
    assert table.not_yet.isdisjoint(table.refused)
    assert table.stand_ins <= table.not_yet | table.keys.keys()
    assert all(key.doc for key in table.keys.values())
