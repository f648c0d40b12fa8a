"""Which strategies a suite has, and whether there is a model behind each."""

import pytest

CASES = 'prompt: "{{ text }}"\ncases: [{text: a, expected: b}]\n'


def names(suite):
    """Return name and model of each strategy."""
    return [(strategy.name, strategy.model) for strategy in suite.strategies]


def test_mapping(read):
    """Strategies have names of their own, in the order of the file."""
    suite = read(CASES + "strategies: {b: {model: mid}, a: {model: x/y}, 'x/y 1': {model: x/y}}")
    assert names(suite) == [("b", "mid"), ("a", "x/y"), ("x/y 1", "x/y")]


def test_list_of_names(read):
    """A list names tiers and models, each a strategy."""
    suite = read(CASES + "strategies: [cheap, openai/gpt-4o-mini]")
    assert names(suite) == [("cheap", "cheap"), ("openai/gpt-4o-mini", "openai/gpt-4o-mini")]
    assert [strategy.line for strategy in suite.strategies] == [3, 3]


def test_defaults(read):
    """The configuration's strategies are asked where the suite names none, and only there."""
    assert names(read(CASES, defaults={"strategies": ["mid", "x/y"]})) == [("mid", "mid"), ("x/y", "x/y")]
    assert names(read(CASES + "strategies: [cheap]", defaults={"strategies": ["mid"]})) == [("cheap", "cheap")]


@pytest.mark.parametrize(
    ("strategies", "said"),
    [
        ("[cheep]", "3:14: unknown tier 'cheep' (did you mean 'cheap'?)"),
        ("[cheap, cheap]", "3:21: strategy 'cheap' is here twice. Keep one"),
        ("[]", "3:13: strategies has length 0: at least 1 is needed"),
        ("{}", "3:13: strategies is empty. Write: {my-model: {model: openai/gpt-4o-mini}}"),
        ("cheap", "3:13: strategies is 'cheap': a list or a mapping is needed"),
        ("{a: cheap}", "3:17: strategy 'a' is 'cheap': a mapping is needed"),
        ("{a: {}}", "3:17: strategy 'a' has no 'model'. Add it: a tier, or a model such as openai/gpt-4o-mini"),
        ("{a: {model: frontie}}", "3:25: unknown tier 'frontie' (did you mean 'frontier'?)"),
        ("{a: {model: gpt-4o}}", "3:25: unknown tier 'gpt-4o'. Name it under [tool.llmcost.tiers], or write provider/"),
        ("{a: {model: /gpt-4o}}", "3:25: model '/gpt-4o' lacks a half: provider/model is needed"),
        ("{'a::b': {model: mid}}", "3:14: the name of a strategy is 'a::b': text on one line"),
        ("{' a': {model: mid}}", "3:14: the name of a strategy is ' a': text on one line"),
        ('{"a\\nb": {model: mid}}', "3:14: the name of a strategy is 'a\\nb': text on one line"),
        ("{a: {model: mid, style: text}}", "3:30: unknown key 'style' in a strategy. Known here: model, "),
        ("{a: {model: mid, examples: 1}}", "3:40: examples is 1: the suite has 0"),
        ("{a: {model: mid, examples: [x]}}", "3:40: examples is a list: a whole number from 0 is needed"),
        ("{a: {model: mid, gate: true}}", "3:36: gate is true: false or a mapping is needed"),
    ],
)
def test_mistakes(mistakes, strategies, said):
    """Each is told with its place."""
    (found,) = mistakes(f"{CASES}strategies: {strategies}\n")
    assert found.startswith(said)


def test_mistakes_in_the_configuration(mistakes):
    """A default that is no model is told as the configuration's."""
    assert mistakes(CASES, defaults={"strategies": ["mdi", "x/", "mid", "mid"]}) == [
        "pyproject.toml:1:1: model 'x/' lacks a half: provider/model is needed",
        "pyproject.toml:1:1: strategy 'mid' is here twice. Keep one",
        "pyproject.toml:1:1: unknown tier 'mdi' (did you mean 'mid'?)",
    ]
