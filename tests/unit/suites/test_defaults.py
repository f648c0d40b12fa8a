"""The configuration's defaults and strategies, under what a suite says itself."""

from decimal import Decimal
from pathlib import Path

import pytest

from pytest_llmcost.domain.suite import ScorerSpec
from pytest_llmcost.suites.project import Configured
from pytest_llmcost.suites.read import read_suite

CASES = "cases: [{text: a, expected: b}]\n"
DEFAULTS = {
    "prompt": "Default: {{ text }}",
    "system": "Be short.",
    "strategies": ["mid"],
    "scorer": {"contains": {"any": ["b"]}},
    "params": {"temperature": 0, "max_tokens": 8},
    "gate": {"quality": {"margin": 0.02, "min": 0.5}, "errors": {"max_rate": 0.1}},
    "budget_usd": 0.5,
    "repeats": 2,
}


def test_all_of_a_suite_may_be_default(read):
    """What a suite does not say, the configuration says."""
    suite = read(CASES, defaults=DEFAULTS)
    (mid,) = suite.strategies
    assert (mid.name, mid.prompt.prompt, mid.prompt.system) == ("mid", "Default: {{ text }}", "Be short.")
    assert (mid.params, mid.gate.quality.margin) == ({"temperature": 0, "max_tokens": 8}, 0.02)
    assert suite.scorer == (ScorerSpec("contains", {"any": ["b"]}),)
    assert (suite.budget_usd, suite.repeats) == (Decimal("0.5"), 2)


def test_precedence(read):
    """A strategy goes before the suite, and that before the defaults; gate and params key by key."""
    suite = read(
        CASES + 'prompt: "{{ text }}?"\nscorer: exact\nparams: {max_tokens: 4}\ngate: {quality: {min: 0.7}}\n'
        "strategies: {a: {model: mid}, b: {model: mid, system: Be kind., gate: {quality: {margin: 0.1}}}}\n",
        defaults=DEFAULTS,
    )
    a, b = suite.strategies
    assert (a.prompt.prompt, a.prompt.system, b.prompt.system) == ("{{ text }}?", "Be short.", "Be kind.")
    assert a.params == {"temperature": 0, "max_tokens": 4}
    assert (a.gate.quality.margin, a.gate.quality.min, a.gate.errors.max_rate) == (0.02, 0.7, 0.1)
    assert (b.gate.quality.margin, b.gate.quality.min) == (0.1, 0.7)
    assert suite.scorer == (ScorerSpec("exact"),)


@pytest.mark.parametrize(
    "own",
    ['messages: [{role: user, content: "{{ text }}"}]', 'prompt: "{{ text }}"', "prompt_file: p.md"],
)
def test_ways_to_ask_exclude_each_other(read, tmp_path, own):
    """One way to ask takes the place of every other one in the defaults."""
    (tmp_path / "p.md").write_text("{{ text }}")
    for default in ({"messages": [{"role": "user", "content": "{{ no }}"}]}, {"prompt": "{{ no }}"}):
        (it,) = read(f"{CASES}strategies: [cheap]\n{own}\n", defaults=default).strategies
        assert "no" not in str(it.prompt)


def test_gate_false(read):
    """A suite that is never judged is not judged by the defaults either."""
    (it,) = read(CASES + "gate: false\n", defaults=DEFAULTS).strategies
    assert it.gate is None


def test_bare_list(read):
    """A bare list takes the defaults, too; what they say is not derived from the cases."""
    bare = "- {text: x, expected: a}\n- {text: y, expected: b}\n"
    suite = read(bare, defaults={"strategies": ["mid"], "system": "Be short.", "params": {"seed": 1}})
    assert (suite.labels, suite.strategies[0].parse, suite.strategies[0].params) == (("a", "b"), "label", {"seed": 1})
    assert suite.strategies[0].prompt.system == "Be short."
    suite = read(bare, defaults={"strategies": ["mid"], "prompt": "Which? {{ text }}", "scorer": "exact"})
    assert (suite.strategies[0].prompt.prompt, suite.scorer) == ("Which? {{ text }}", (ScorerSpec("exact"),))


def test_strategies_as_mapping(read):
    """The defaults may describe strategies in full."""
    suite = read('prompt: "{{ text }}"\n' + CASES, defaults={"strategies": {"x": {"model": "mid", "gate": False}}})
    assert [(it.name, it.model, it.gate) for it in suite.strategies] == [("x", "mid", None)]


def test_named_strategies(read):
    """A strategy of the configuration is named in any suite's list, or in the defaults'."""
    named = {"careful": {"model": "mid", "system": "Take care.", "calibrate": True}}
    text = 'prompt: "{{ text }}"\n' + CASES
    for suite in (
        read(text + "strategies: [cheap, careful]\n", strategies=named),
        read(text, strategies=named, defaults={"strategies": ["cheap", "careful"]}),
    ):
        cheap, careful = suite.strategies
        assert (cheap.model, cheap.prompt.system) == ("cheap", None)
        assert (careful.name, careful.model, careful.prompt.system, careful.calibrate) == (
            *("careful", "mid", "Take care.", True),
        )


def test_mistakes_stand_in_the_configuration(mistakes, tmp_path):
    """They are told with the configuration file's name."""
    found = mistakes(
        'prompt: "{{ text }}"\nstrategies: [careful, carful, x]\n' + CASES,
        defaults={"gate": {"quality": {"margn": 0.1}}, "bugdet_usd": 1, "params": {"temperature": float("nan")}},
        strategies={"careful": {"model": "mdi", "prmpt": "x"}, "unused": {"mistake": 1}},
    )
    assert found == [
        "2:23: unknown tier 'carful' (did you mean 'careful'?)",
        "2:31: unknown tier 'x'. Name it under [tool.llmcost.tiers], or write provider/model",
        "pyproject.toml:1:1: temperature is nan: a number from 0 up to 2 is needed",
        "pyproject.toml:1:1: unknown key 'bugdet_usd' in a suite (did you mean 'budget_usd'?)",
        "pyproject.toml:1:1: unknown key 'margn' in gate.quality (did you mean 'margin'?)",
        "pyproject.toml:1:1: unknown key 'prmpt' in a strategy (did you mean 'prompt'?)",
        "pyproject.toml:1:1: unknown tier 'mdi' (did you mean 'mid'?)",
    ]


def test_a_strategy_in_the_place_of_a_model(read):
    """A strategy of the configuration may stand in the place of a model."""
    suite = read(
        'prompt: "{{ text }}"\nstrategies: {a: {model: careful}}\n' + CASES,
        strategies={"careful": {"model": "mid", "params": {"seed": 3}}},
    )
    (strategy,) = suite.strategies
    assert (strategy.name, strategy.model, strategy.params) == ("a", "mid", {"seed": 3})


def test_paths_start_at_the_configuration(tmp_path: Path):
    """A default's file is found from the folder of the configuration, the suite's from its own."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "p.md").write_text("root {{ text }}")
    (tmp_path / "deep" / "p.md").write_text("deep {{ text }}")
    suite = tmp_path / "deep" / "bench_it.yaml"
    configured = [Configured("llmcost.toml", {"strategies": ["mid"], "prompt_file": "p.md"})]
    options = {"root": tmp_path, "models": ["mid"], "configured": configured}
    suite.write_text(CASES)
    assert read_suite(suite, **options).strategies[0].prompt.prompt == "root {{ text }}"
    suite.write_text(CASES + "prompt_file: p.md\n")
    assert read_suite(suite, **options).strategies[0].prompt.prompt == "deep {{ text }}"
