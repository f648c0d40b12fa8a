"""Strategies made of strategies: what a name means, what holds for each part, and every mistake with its place."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmcost.domain.plan import Cascade, Confidence, Route, RouteKey
from pytest_llmcost.domain.suite import StrategySpec, Suite
from pytest_llmcost.suites.project import Accepted

HEAD = """\
labels: [shop, other]
system: You sort mail.
prompt: "suite {{ text }}"
params: {temperature: 0, max_tokens: 8}
parse: label
cases: [{text: a, expected: shop, kind: spam}, {text: b, expected: other, kind: legal}]
"""
ROUTED = "routed: {route: {by: kind, to: {spam: cheap, legal: frontier}}}"


def strategies(text: str) -> str:
    """A suite with these strategies, a line each; they begin in line 8."""
    return HEAD + "strategies:\n" + "".join(f"  {line}\n" for line in text.splitlines())


def of(suite: Suite, name: str) -> StrategySpec:
    return next(spec for spec in suite.strategies if spec.name == name)


def cascade(spec: StrategySpec) -> Cascade[StrategySpec]:
    assert isinstance(spec.plan, Cascade)
    return spec.plan


def route(spec: StrategySpec) -> Route[StrategySpec]:
    assert isinstance(spec.plan, Route)
    return spec.plan


def models(spec: StrategySpec) -> list[str]:
    return [leaf.model for leaf in spec.leaves()]


def test_a_cascade(read: Any) -> None:
    suite = read(strategies(f"both: {{cascade: [{{use: cheap, accept: 0.9}}, {{use: mid}}]}}\n{ROUTED}"))
    first, last = cascade(of(suite, "both")).steps

    assert (first.name, first.accept, first.strategy.model) == ("cheap", 0.9, "cheap")
    assert (last.name, last.accept, last.strategy.model) == ("mid", None, "mid")
    assert first.strategy.confidence == Confidence("logprob")
    assert last.strategy.confidence is None
    assert first.strategy.prompt.prompt == "suite {{ text }}"


def test_a_route(read: Any) -> None:
    plan = route(of(read(strategies(ROUTED)), "routed"))

    assert plan.by == RouteKey("field", "kind")
    assert {value: branch.strategy.model for value, branch in plan.to.items()} == {"spam": "cheap", "legal": "frontier"}
    assert plan.otherwise is None


def test_every_form_of_the_contract_composes(read: Any) -> None:
    """Inline, by name, one in another, and in the place of a model."""
    suite = read(
        strategies(
            "terse: {model: mid, prompt: 'Scope? {{ text }}'}\n"
            "cascade: {cascade: [{use: cheap, accept: 0.9, confidence: logprob}, {use: terse}]}\n"
            "by-task: {route: {by: kind, to: {spam: {cascade: [{use: cheap, accept: 0.85}, {use: frontier}]}, "
            "legal: frontier}, otherwise: cascade}}\n"
            "place: {model: {use: by-task}, params: {seed: 3}}"
        )
    )
    by_task = route(of(suite, "by-task"))
    assert [step.strategy.model for step in cascade(by_task.to["spam"].strategy).steps] == ["cheap", "frontier"]
    assert by_task.otherwise is not None
    assert models(by_task.otherwise.strategy) == ["cheap", "mid"]
    placed = list(of(suite, "place").leaves())
    assert [leaf.model for leaf in placed] == models(of(suite, "by-task"))
    assert {leaf.params["seed"] for leaf in placed} == {3}
    assert {leaf.params["temperature"] for leaf in placed} == {0}


# -- what a name means ---------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "prompt"),
    [
        ("{use: cheap}", "own {{ text }}"),
        ("{model: cheap}", "suite {{ text }}"),
        ("{use: careful}", "careful {{ text }}"),
        ("{model: careful}", "careful {{ text }}"),
        ("{use: careful, prompt: 'nearer {{ text }}'}", "nearer {{ text }}"),
        ("{route: {by: kind, to: {spam: cheap, legal: cheap}}}", "own {{ text }}"),
        ("{cascade: [{use: mid}], prompt: 'around {{ text }}'}", "around {{ text }}"),
        ("{cascade: [{use: cheap}], prompt: 'around {{ text }}'}", "own {{ text }}"),
        ("{cascade: [{model: cheap}], prompt: 'around {{ text }}'}", "around {{ text }}"),
    ],
)
def test_use_looks_for_a_strategy_first_and_model_for_a_model(read: Any, written: str, prompt: str) -> None:
    """What is nearer to the model goes before: the step, what it uses, what it stands in, the suite."""
    text = strategies(f"cheap: {{model: cheap, prompt: 'own {{{{ text }}}}'}}\nit: {written}\n{ROUTED}")
    careful = {"careful": {"model": "mid", "prompt": "careful {{ text }}"}}
    leaf = next(of(read(text, strategies=careful), "it").leaves())
    assert leaf.prompt.prompt == prompt


def test_a_strategys_own_name_means_what_it_means_without_it(read: Any) -> None:
    text = strategies(f"cheap: {{cascade: [{{use: cheap, accept: 0.5}}, {{use: mid}}]}}\nmid: {{use: mid}}\n{ROUTED}")
    suite = read(text, strategies={"mid": {"model": "frontier"}})
    assert models(of(suite, "cheap")) == ["cheap", "frontier"]
    assert models(of(suite, "mid")) == ["frontier"]


def test_the_configurations_strategies_do_not_see_the_suites(read: Any) -> None:
    configured = {"safe": {"cascade": [{"use": "cheap", "accept": 0.9}, {"use": "top"}]}, "top": {"model": "frontier"}}
    text = strategies(f"top: {{model: mid}}\nhere: {{use: safe}}\n{ROUTED}")
    assert models(of(read(text, strategies=configured), "here")) == ["cheap", "frontier"]


def test_gates_are_those_of_whole_strategies(read: Any) -> None:
    text = strategies(
        "strict: {model: mid, gate: {quality: {min: 0.9}, cost: {max_increase: 0.1}}}\n"
        f"it: {{use: strict, gate: {{quality: {{min: 0.8}}}}}}\nfree: {{use: strict, gate: false}}\n{ROUTED}"
    )
    suite = read(text)
    gate = of(suite, "it").gate
    assert gate is not None
    assert (gate.quality.min, gate.cost.max_increase) == (0.8, 0.1)
    assert of(suite, "free").gate is None
    assert all(leaf.gate is None for leaf in of(suite, "routed").leaves())


# -- how sure ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "confidence", "accept"),
    [
        ("accept: 0.9", Confidence("logprob"), 0.9),
        ("accept: 0.9, confidence: {json: sure}", Confidence("json", "sure"), 0.9),
        ("accept: 0.6, params: {temperature: 0.7}, confidence: {agreement: 3}", Confidence("agreement", 3), 0.6),
        ("confidence: parses", Confidence("parses"), 1.0),
        ("accept: 0.9, confidence: {python: 'my_app.sure:of'}", Confidence("python", "my_app.sure:of"), 0.9),
    ],
)
def test_confidences(read: Any, step: str, confidence: Any, accept: float) -> None:
    text = strategies(f"it: {{cascade: [{{use: cheap, {step}}}, {{use: mid}}]}}\n{ROUTED}")
    first, last = cascade(of(read(text, allowed_python=["my_app"]), "it")).steps
    assert (first.strategy.confidence, first.accept) == (confidence, accept)
    assert last.strategy.confidence is None


def test_a_verifier_has_nothing_of_what_the_suite_says_of_its_questions(read: Any) -> None:
    text = strategies(
        "plain: {cascade: [{use: cheap, confidence: {verifier: mid}}, {use: mid}]}\n"
        "own: {cascade: [{use: cheap, confidence: {verifier: {model: mid, params: {max_tokens: 3}, "
        f"prompt: '{{{{ text }}}} -> {{{{ answer }}}}'}}}}}}, {{use: mid}}]}}\n{ROUTED}"
    )
    suite = read(text)
    plain, own = (cascade(of(suite, name)).steps[0] for name in ("plain", "own"))
    assert plain.accept == 0.5
    for step, prompt, longest in ((plain, None, 8), (own, "{{ text }} -> {{ answer }}", 3)):
        confidence = step.strategy.confidence
        assert confidence is not None
        assert confidence.verifier is not None
        assert (confidence.verifier.model, confidence.verifier.prompt.prompt) == ("mid", prompt)
        assert confidence.verifier.prompt.system is None
        assert confidence.verifier.params == {"temperature": 0, "max_tokens": longest}


def test_a_plain_strategy_may_be_asked_how_sure_it_is_and_the_last_step_is_not_for_its_cascade(read: Any) -> None:
    text = strategies(
        "asked: {model: cheap, confidence: {json: sure}}\n"
        "it: {confidence: {json: sure}, cascade: [{use: cheap, accept: 0.5}, {use: asked}]}\n"
        f"last: {{cascade: [{{use: cheap, accept: 0.5}}, {{use: mid, confidence: logprob}}]}}\n{ROUTED}"
    )
    suite = read(text)
    assert of(suite, "asked").confidence == Confidence("json", "sure")
    assert [step.strategy.confidence for step in cascade(of(suite, "it")).steps] == [Confidence("json", "sure"), None]
    assert cascade(of(suite, "last")).steps[1].strategy.confidence == Confidence("logprob")


# -- what a route reads --------------------------------------------------------


def test_a_routes_field_is_used_though_no_template_reads_it(read: Any, mistakes: Any) -> None:
    assert read(strategies(ROUTED)).cases[0].fields["kind"] == "spam"
    (found,) = mistakes(strategies("one: {model: mid}"))
    assert "field 'kind' is read by no template" in found


def test_a_function_may_read_any_field(read: Any) -> None:
    by_code = "it: {route: {by: {python: 'mine:kind'}, to: {spam: cheap}, otherwise: mid}}"
    sure = "it: {model: cheap, confidence: {python: 'mine:sure'}}"
    theirs = "it: {use: theirs, of: {draft: cheap}, options: {most: 3}}"
    functions = {"theirs": Accepted(options=("most",))}
    for written in (by_code, sure, theirs):
        suite = read(strategies(written), allowed_python=["mine"], functions=functions)
        assert suite.cases[0].fields["kind"] == "spam"


def test_complexity_may_be_missing_where_it_is_estimated(read: Any) -> None:
    levels = "{complex: frontier, medium: mid, simple: cheap}"
    suite = read(strategies(f"it: {{route: {{by: complexity, to: {levels}}}}}\n{ROUTED}"))
    assert route(of(suite, "it")).by == RouteKey("field", "complexity")


# -- mistakes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("it: {use: cheep}", "8:13: unknown strategy or tier 'cheep' (did you mean 'cheap'?)"),
        ("it: {cascade: [{use: cheep, accept: 1}, {use: mid}]}", "8:24: unknown strategy or tier 'cheep' (did"),
        ("it: {cascade: []}", "8:17: cascade has length 0: at least 1 is needed"),
        ("it: {cascade: [{accept: 1}, {use: mid}]}", "8:18: a step has no 'use'. Add it: a strategy of this suite or"),
        ("it: {cascade: [{use: cheap}, {use: mid}]}", "8:18: a step before the last has no 'accept'. Add it: accept"),
        ("it: {cascade: [{use: mid, accept: 0.9}]}", "8:29: accept has no effect: nobody is asked after the last"),
        ("it: {cascade: [{use: mid, on_error: fail}]}", "8:29: on_error has no effect: nobody is asked after the last"),
        ("it: {cascade: [{use: cheap, acept: 1}, {use: mid}]}", "8:31: unknown key 'acept' in a step (did you mean"),
        ("it: {cascade: [{use: cheap, accept: 85}, {use: mid}]}", "8:39: accept is 85: a number from 0 up to 1 is"),
        ("it: {cascade: [{use: cheap, accept: 1, gate: false}, {use: mid}]}", "8:42: 'gate' may not stand in a step: "),
        ("it: {model: mid, use: cheap}", "8:20: 'model' and 'use' both say who answers. Keep one of them"),
        ("it: {use: a}\na: {use: b}\nb: {use: a}", "10:12: strategies go in a circle: a -> "),
        ("it: {model: mid, of: {a: mid}}", "8:20: of is for strategies of other packages. Leave it out"),
        ("it: {use: it}", "8:13: unknown strategy or tier 'it'. Name it under [tool.llmcost.tiers]"),
        ("it: {route: {by: kind, to: {}}}", "8:30: to is empty. Write: {spam: cheap, legal: frontier}"),
        ("it: {route: {by: kind}}", "8:15: route has no 'to'. Add it: strategies by what the field may be"),
        ("it: {route: {by: kidn, to: {spam: cheap}, otherwise: mid}}", "8:20: no case has 'kidn', which the route goe"),
        ("it: {route: {by: kind, to: {spam: cheap}}}", "6:48: no strategy for this case: 'kind' is 'legal'. Add it to"),
        ("it: {route: {by: {python: 'os:f'}, to: {a: mid}, otherwise: mid}}", "8:29: module 'os' may not be run for a"),
        ("it: {route: {by: {python: 'my_app:f'}, to: {a: mid}}}", "8:15: the route has no 'otherwise', and its functi"),
        ("it: {route: {by: {estimate: complexity}, to: {simple: mid}}}", "8:15: the route has no 'otherwise', and som"),
        ("it: {model: cheap, parse: text, confidence: logprob}", "8:47: confidence: logprob is a label's probability"),
        ("it: {model: cheap, confidence: {agreement: 3}}", "8:34: at temperature 0 all answers agree. Set one above i"),
        ("it: {model: cheap, parse: text, confidence: parses}", "8:47: any text parses, so that every answer is accep"),
        ("it: {model: cheap, confidence: {json: a, python: 'my_app:f'}}", "8:34: confidence takes one of logprob, par"),
        ("it: {model: cheap, confidence: {python: 'os:f'}}", "8:43: module 'os' may not be run for a suite."),
        ("it: {model: cheap, confidence: {verifier: {cascade: [{use: mid}]}}}", "8:45: a verifier is one model, which"),
        ("it: {model: cheap, confidence: {verifier: {model: mid, prompt: 'x'}}}", "8:66: a verifier's prompt does not"),
        ("it: {model: cheap, confidence: {verifier: {model: mid, prompt: '{{ anser }}'}}}", "8:70: unknown variable"),
    ],
)  # fmt: skip
def test_mistakes(mistakes: Any, written: str, said: str) -> None:
    """Each is told once, with its place."""
    (found,) = mistakes(strategies(f"{written}\n{ROUTED}"), allowed_python=["my_app"])
    assert found.startswith(said)


def test_a_part_that_several_use_is_told_once(mistakes: Any) -> None:
    bad = "bad: {model: cheep, prompt_file: nowhere.md}\nbarred: {model: mid, confidence: {python: 'os:f'}}"
    found = mistakes(strategies(f"{bad}\na: {{use: bad}}\nb: {{use: bad}}\nc: {{use: barred}}\n{ROUTED}"))
    assert [one.partition(" ")[0] for one in found] == ["8:16:", "8:36:", "9:45:"]


@pytest.mark.parametrize("form", ["{{cascade: [{{use: s{0}, accept: 0.5}}, {{use: s{0}}}]}}", "{{use: s{0}}}"])
def test_s02_strategies_that_use_each_other_are_bounded(mistakes: Any, form: str) -> None:
    using = "\n".join(f"s{n}: {form.format(n + 1)}" for n in range(1000))
    (found,) = mistakes(strategies(f"{using}\ns1000: {{model: mid}}\n{ROUTED}"))
    assert "the strategies have more than 10,000 parts, or are nested deeper than 64 levels" in found


def test_a_wrong_strategy_of_the_configuration_is_told_in_its_file(mistakes: Any) -> None:
    text = strategies(f"it: {{use: safe}}\n{ROUTED}")
    (found,) = mistakes(text, strategies={"safe": {"cascade": [{"use": "cheap"}, {"use": "mid"}]}})
    assert found.startswith("pyproject.toml:1:1: a step before the last has no 'accept'")


# -- policies ------------------------------------------------------------------

POLICY = """\
format: llmcost-policy/1
by: kind
to:
  spam: {cascade: [{use: cheap, accept: 0.8}, {use: careful}]}
otherwise: frontier
"""


def test_a_policy_is_the_route_that_it_describes(read: Any, tmp_path: Any) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "mail.yaml").write_text(POLICY)
    text = strategies(
        "careful: {model: mid, calibrate: true}\nlearned: {policy: policies/mail.yaml, params: {seed: 3}}"
    )
    spec = of(read(text), "learned")

    plan = route(spec)
    assert plan.by == RouteKey("field", "kind")
    assert [step.accept for step in cascade(plan.to["spam"].strategy).steps] == [0.8, None]
    assert [(leaf.model, leaf.calibrate, leaf.params["seed"]) for leaf in spec.leaves()] == [
        ("cheap", False, 3),
        ("mid", True, 3),
        ("frontier", False, 3),
    ]
    (policy,) = spec.policies()
    assert (policy.path, policy.by) == ("policies/mail.yaml", "kind")


def test_a_policy_by_suite_is_the_way_of_this_one(read: Any, tmp_path: Any) -> None:
    ways = "by: suite\nto: {bench_it.yaml: cheap, bench_other.yaml: mid}\notherwise: frontier\n"
    (tmp_path / "mail.yaml").write_text(f"format: llmcost-policy/1\n{ways}")
    assert models(of(read(strategies(f"it: {{policy: mail.yaml}}\n{ROUTED}")), "it")) == ["cheap"]
    assert models(of(read(strategies(f"it: {{policy: mail.yaml}}\n{ROUTED}"), name="bench_new.yaml"), "it")) == [
        "frontier"
    ]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "8:16: 'mail.yaml': the file cannot be read: No such file"),
        (POLICY.replace("/1", "/2"), "mail.yaml:1:9: the format is 'llmcost-policy/2', and this version reads"),
        (POLICY.replace("accept: 0.8", "accept: 8"), "mail.yaml:4:41: accept is 8: a number from 0 up to 1 is needed"),
        (POLICY.replace("careful", "carefull"), "8:16: unknown strategy or tier 'carefull' (did you mean 'careful'?)"),
        (POLICY.replace("kind", "knid"), "8:16: no case has 'knid', which the route goes by (did you mean 'kind'?)"),
    ],
)
def test_what_is_wrong_with_a_policy_is_told_where_it_stands(
    mistakes: Any, tmp_path: Any, file: str | None, said: str
) -> None:
    if file is not None:
        (tmp_path / "mail.yaml").write_text(file)
    (found,) = mistakes(strategies(f"it: {{policy: mail.yaml}}\ncareful: {{model: mid}}\nsame: {{use: it}}\n{ROUTED}"))
    assert found.startswith(said)
