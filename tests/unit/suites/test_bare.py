"""The smallest suite: a bare list of cases."""

import pytest

from pytest_llmcost.domain.suite import ScorerSpec
from pytest_llmcost.suites.render import PromptRenderer

SCOPE = """
- {text: "How do I reset my password?", expected: in-scope}
- {text: "Can you tell me the meaning of life?", expected: out-of-scope}
"""


def test_labels_and_prompt_follow_from_cases(read):
    """Few expected values are the labels, and the prompt names them."""
    suite = read(SCOPE, defaults={"strategies": ["mid"]})
    (mid,) = suite.strategies
    assert (suite.labels, suite.scorer, mid.parse) == (("in-scope", "out-of-scope"), (ScorerSpec("label"),), "label")
    (message,) = PromptRenderer(mid.prompt, suite.labels).messages(suite.cases[0].fields)
    assert message == {
        "role": "user",
        "content": "Answer with exactly one of: in-scope, out-of-scope.\n\nHow do I reset my password?",
    }


def test_prompt_does_not_depend_on_order(read):
    """Reordered cases ask the same questions, so that nothing paid is asked again."""
    first, second = SCOPE.strip().splitlines()
    here, there = (
        read("\n".join(lines), defaults={"strategies": ["mid"]}) for lines in ((first, second), (second, first))
    )
    assert here.strategies[0].prompt == there.strategies[0].prompt
    assert {case.id for case in here.cases} == {case.id for case in there.cases}


@pytest.mark.parametrize("count", [1, 11])
def test_other_values_are_compared_exactly(read, count):
    """One expected value, or more than ten, are no labels: the field itself is asked."""
    cases = "\n".join(f"- {{question: {n} + 0, expected: {n}}}" for n in range(count))
    suite = read(cases, defaults={"strategies": ["mid"]})
    assert (suite.labels, suite.scorer, suite.strategies[0].parse) == ((), (ScorerSpec("exact"),), "text")
    assert suite.strategies[0].prompt.prompt == "{{ question }}"


def test_label_that_looks_like_a_template(read):
    """A label is never a template."""
    suite = read("- {text: a, expected: '{{ x }}'}\n- {text: b, expected: '{% y'}\n", defaults={"strategies": ["mid"]})
    (message,) = PromptRenderer(suite.strategies[0].prompt, suite.labels).messages({"text": "a"})
    assert message["content"] == "Answer with exactly one of: {% y, {{ x }}.\n\na"


def test_several_fields_need_a_prompt(mistakes):
    """Which of several fields is asked about cannot be told: the error shows the prompt to write."""
    found = mistakes("- {question: a, context: b, expected: c}\n", defaults={"strategies": ["mid"]})
    assert found == [
        "1:1: the cases have several fields ('question', 'context'), so a prompt is needed.\n"
        'Write at the top: prompt: "{{ question }}\\n{{ context }}", then cases: and the list below it'
    ]


def test_no_field(mistakes):
    """A case without a field asks nothing."""
    assert mistakes("- {expected: c}\n", defaults={"strategies": ["mid"]}) == [
        "1:1: the cases have no field to ask about. Give each one, such as text: ..."
    ]


def test_field_that_can_be_no_variable(mistakes):
    """A field's name has to be a variable's."""
    assert mistakes("- {my text: a, expected: c}\n", defaults={"strategies": ["mid"]}) == [
        "1:4: field 'my text' can be no variable. Use letters, digits and _"
    ]


def test_nobody_to_ask(mistakes):
    """A bare list has no strategies of its own; without any in the configuration the error says what to write."""
    (found,) = mistakes(SCOPE)
    assert "2:1: there is no strategy" in found
    assert "[tool.llmcost.defaults]" in found


def test_mistakes_in_cases(mistakes):
    """A case's mistakes are found in a bare list, too."""
    text = SCOPE + "- {text: x, expected: out-of-scope, repeats: 3}\n- {text: y}\n"
    found = mistakes(text, defaults={"strategies": ["midd"]})
    assert found == [
        "2:1: the cases have several fields ('text', 'repeats'), so a prompt is needed.\n"
        'Write at the top: prompt: "{{ text }}\\n{{ repeats }}", then cases: and the list below it',
        "5:3: case has no 'expected'. Add it: the right answer, or a list of right ones",
        "pyproject.toml:1:1: unknown tier 'midd' (did you mean 'mid'?)",
    ]
