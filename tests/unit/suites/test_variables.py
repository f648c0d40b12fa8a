"""Templates and cases fit together, and one mistake is told once."""

import pytest

TOP = "strategies: [mid]\n"


def test_s03_unknown_variable_in_each_kind_of_scalar(mistakes):
    """An unknown variable is told where it stands in the template, however that is written."""
    cases = "cases: [{text: a, expected: b}]\n"
    for prompt, place in [
        ('prompt: "Say: {{ txet }}"\n', "3:18"),
        ("prompt: |\n  The txet is:\n\n  {% if text %}{{ txet }}{% endif %}\n", "6:19"),
        ("prompt: >\n  Say\n  this: {{ txet }}\n", "5:12"),
        ("prompt:\n  Say\n  this {{ txet }}\n", "5:11"),
        ('prompt: "Say: {{ t\\x78et }}"\n', "3:9"),
    ]:
        found = mistakes(TOP + cases + prompt)
        assert found == [f"{place}: unknown variable 'txet' (did you mean 'text'?)"]


def test_unknown_variable_in_every_template(mistakes):
    """All templates are looked at: of the suite, of strategies, of chats."""
    found = mistakes(
        "system: '{{ aa }}'\nprompt: '{{ text }}'\ncases: [{text: a, expected: b}]\n"
        "strategies:\n  one: {model: mid, prompt: '{{ bb }}', system: '{{ cc }}'}\n"
        "  two: {model: mid, messages: [{role: user, content: [{type: text, text: '{{ dd }}'}]}]}\n"
    )
    names = ["aa", "bb", "cc", "dd"]
    assert [line.partition(": ")[2] for line in found] == [f"unknown variable '{n}'. There are 'text'" for n in names]
    assert [line.partition(":")[0] for line in found] == ["1", "5", "5", "6"]


def test_labels_are_a_variable_where_there_are_some(mistakes):
    """`labels` is known with labels, and no field may hide it."""
    text = TOP + "prompt: '{{ text }} {{ labels }}'\n"
    cases = "cases: [{text: a, expected: b}]\n"
    assert mistakes(text + cases + "labels: [b, c]\n") == []
    assert mistakes(text + cases) == ["2:24: unknown variable 'labels'. There are 'text'"]
    assert mistakes(text + "cases: [{text: a, expected: b, labels: x}]\nlabels: [b, c]\n") == [
        "3:32: field 'labels' hides the suite's own variable. Rename it"
    ]


def test_unused_field(mistakes):
    """A field that no template reads is told once, with what to do; one that any strategy reads is used."""
    prompt = "prompt: '{{ text }}'\nstrategies: {a: {model: mid}, b: {model: mid, prompt: '{{ text }} {{ more }}'}}\n"
    found = mistakes(
        prompt + "cases:\n"
        "- {text: a, more: b, expected: c, note: x}\n"
        "- {text: b, more: b, expected: c, note: y}\n"
        "- {text: c, more: b, expected: c, tag: [x]}\n"
        "- {text: d, more: b, expected: c, my note: [x]}\n"
    )
    assert found == [
        "4:35: field 'note' is read by no template. Use it in one, or put it below meta; 2 have it",
        "6:35: field 'tag' is read by no template (did you mean 'tags'?)",
        "7:35: field 'my note' can be no variable. Use letters, digits and _, and no word of templates",
    ]


def test_missing_field(mistakes):
    """A case or an example without a field that a template reads is told by its place."""
    found = mistakes(
        TOP + "prompt: |\n  {{ text }}\n  {{ more }}\nexamples: [{text: a, expected: c}]\ncases:\n"
        "- {text: a, more: b, expected: c}\n- {text: b, expected: c}\n- {expected: c}\n"
    )
    assert found == [
        "5:12: this example has no 'more', which the template in line 2 reads",
        "8:3: this case has no 'more', which the template in line 2 reads",
        "9:3: this case has no 'text', which the template in line 2 reads",
    ]


def test_field_that_need_not_be_there(mistakes):
    """A template that asks whether a field is there renders without it."""
    cases = "cases:\n- {text: a, more: b, expected: c}\n- {text: b, expected: c}\n"
    assert mistakes(TOP + "prompt: '{{ text }}{% if more is defined %} {{ more }}{% endif %}'\n" + cases) == []
    assert mistakes(TOP + "prompt: \"{{ text }}{{ more|default('') }}\"\n" + cases) == []


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ("[{txet: a, expected: b}]", "2:13: unknown variable 'text' (did you mean 'txet'?)"),
        ("[{text: a, expected: b}, {txet: a, expected: b}]", "3:34: field 'txet' is read by no template (did you mean"),
        ("[{text: a, expcted: b}]", "3:9: case has no 'expected' (is it 'expcted'?). Add it: the right answer, or"),
    ],
)
def test_one_misspelling_is_one_mistake(mistakes, cases, said):
    """A misspelt field is not told again as missing or unused."""
    (found,) = mistakes(f"{TOP}prompt: '{{{{ text }}}}'\ncases: {cases}\n")
    assert found.startswith(said)


def test_template_that_fails_for_a_case(mistakes):
    """What goes wrong only with a case's data is found before anything is asked."""
    found = mistakes(
        TOP + "prompt: '{% if n > 3 %}{{ text }}{% endif %}'\ncases:\n"
        "- {text: a, n: 5, expected: c}\n- {text: b, n: five, expected: c}\n"
    )
    assert found == [
        "5:3: the template in line 2 fails for this case: "
        "TypeError: '>' not supported between instances of 'str' and 'int'"
    ]


def test_case_that_is_too_long_to_be_written(mistakes):
    """A prompt that would be too long is told before anything is asked."""
    found = mistakes(TOP + f"prompt: '{{{{ text }}}}'\ncases: [{{text: {'x' * 100_001}, expected: c}}]\n")
    assert found == ["3:9: the template in line 2 fails for this case: it writes more than 100,000 characters"]


def test_wrong_template(mistakes):
    """A template that cannot be read is told at its place, and nothing is guessed about what it uses."""
    found = mistakes(TOP + "prompt: '{{ text() }}'\ncases: [{text: a, expected: b}]\n")
    assert found == ["2:9: template line 1: a call is not allowed"]
