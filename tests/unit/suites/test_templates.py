"""A template sees a case's fields, and can do no harm."""

import subprocess
import sys

import pytest

from pytest_llmcost.suites.templates import (
    MOST_CHARACTERS,
    TemplateError,
    compile_template,
    is_field_name,
    variables_of,
)

FIELDS = {
    "text": "Hi <b>&</b>",
    "n": 3,
    "none": None,
    "order": {"items": ["a", "b"], "to": {"city": "Rome"}, "values": 7},
    "big": "x" * 90_000,
    "many": ["y"] * 1_000,
}


def render(source, **fields):
    """Render *source* with fields of every kind."""
    return compile_template(source).render({**FIELDS, **fields})


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("plain { text } 100 %", "plain { text } 100 %"),
        ("Q: {{ text }}\nA:\n", "Q: Hi <b>&</b>\nA:\n"),
        ("{{text}}{{  n  }}", "Hi <b>&</b>3"),
        ("[{{ none }}]", "[]"),
        ("{{ order.to.city }} {{ order['to']['city'] }}", "Rome Rome"),
        ("{{ order.items[0] }}{{ order.items[-1] }} {{ order.values }}", "ab 7"),
        (
            "{% for item in order.items %}{{ loop.index }}{{ item }}{% if not loop.last %}, {% endif %}{% endfor %}",
            "1a, 2b",
        ),
        ("{% for key, value in order.to|items %}{{ key }}={{ value }}{% endfor %}", "city=Rome"),
        ("{% if n > 2 and text is defined %}many{% else %}few{% endif %}", "many"),
        ("{{ 'a' if nope is undefined else nope }}", "a"),
        ("{{ nope|default('-') }}", "-"),
        (
            "{{ text|upper }} {{ text[:2] }} {{ order.items|join('+') }} {{ order.to|tojson }}",
            'HI <B>&</B> Hi a+b {"city": "Rome"}',
        ),
        ("{{ text ~ '!' ~ none ~ n }}", "Hi <b>&</b>!3"),
        ("{% raw %}{{ text }}{% endraw %}{# a remark #}", "{{ text }}"),
        ("{{- text -}}  ", "Hi <b>&</b>"),
        ("{{ text }}}", "Hi <b>&</b>}"),
    ],
)
def test_rendering(source, text):
    """Jinja's language, for data: entries are reached by name, even where Python has a method of that name."""
    assert render(source) == text


def test_fields_are_never_templates():
    """A case that looks like a template is text."""
    assert render("{{ text }}", text="{{ n }}{% x") == "{{ n }}{% x"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("no", set()),
        ("{{ a }}{{ b }}{{ a }}", {"a", "b"}),
        (
            "{% if a.b %}{{ c|default(d) }}{% for e in f %}{{ e }}{{ loop.index }}{% endfor %}{% endif %}",
            {"a", "c", "d", "f"},
        ),
        ("{% raw %}{{ a }}{% endraw %}", set()),
    ],
)
def test_variables(source, names):
    """The variables of a template are those that it takes from outside."""
    assert variables_of(source) == names


@pytest.mark.parametrize(
    "source", ["{{ nope }}", "{{ nope }} {{ n ~ '' }}", "{{ nope.a.b }}", "{% for x in nope %}{% endfor %}"]
)
def test_s03_missing_variable(source):
    """A missing variable is an error that names it, never an empty place."""
    with pytest.raises(TemplateError, match="'nope' is undefined") as caught:
        render(source)
    assert caught.value.name == "nope"


@pytest.mark.parametrize(
    "source",
    [
        "{{ text.__class__ }}",
        "{{ text['__class__'] }}",
        "{{ ''.__class__.__mro__[1].__subclasses__ }}",
        "{{ text.upper }}",
        "{{ text.format }}",
        "{{ order.keys }}",
        "{% for x in many %}{{ loop.__class__ }}{% endfor %}",
        "{{ n.real }}",
        "{{ range }}",
        "{{ lipsum }}",
        "{{ cycler }}",
        "{{ self }}",
        "{{ ' steps' }}{{ _TemplateReference__context }}",
    ],
)
def test_s03_no_attribute_leads_out(source):
    """Nothing of Python can be reached: no attribute, no method, no global."""
    with pytest.raises(TemplateError):
        render(source)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("{{ range(9) }}", "a call"),
        ("{{ text.upper() }}", "a call"),
        ("{{ 'x' * 1000000000 }}", r"\*"),
        ("{{ 9 ** 9 ** 9 }}", r"\*\*"),
        ("{{ '%999999999d' % 1 }}", "%"),
        ("{{ n + 1 }}", r"\+"),
        ("{{ {'a': 1} }}", "Dict"),
        ("{% set a = 1 %}", "Assign"),
        ("{% macro m() %}{% endmacro %}", "Macro"),
        ("{% include 'x' %}", "Include"),
        ("{% import 'x' as y %}", "Import"),
        ("{% extends 'x' %}", "Extends"),
        ("{% block b %}{% endblock %}", "Block"),
        ("{% filter upper %}{% endfilter %}", "FilterBlock"),
        ("{% with a = 1 %}{% endwith %}", "With"),
        ("{{ text|attr('x') }}", "filter 'attr'"),
        ("{{ text|replace('', text) }}", "filter 'replace'"),
        ("{{ text|format(1) }}", "filter 'format'"),
        ("{{ text is callable }}", "test 'callable'"),
        ("{{ text|default(*many) }}", r"an unpacked argument"),
        ("{% for x in many recursive %}{% endfor %}", "a recursive loop"),
    ],
)
def test_s03_only_what_is_on_the_list(source, what):
    """What is not on the list is refused by name, with its line, before anything is rendered."""
    with pytest.raises(TemplateError, match=f"template line 2: {what} is not allowed"):
        compile_template("\n" + source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ big }}{{ big }}",
        "{{ big }}{{ big ~ '' }}",
        "{{ big ~ big }}",
        "{{ many|join(big) }}",
        "{% for x in many %}{{ big }}{% endfor %}",
    ],
)
def test_s03_output_is_bounded(source):
    """A template writes a hundred thousand characters at most."""
    with pytest.raises(TemplateError, match="it writes more than 100,000 characters"):
        render(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in many %}{% for b in many %}{% for c in many %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in many %}{% for b in many %}{% if big == text %}{% endif %}{% endfor %}{% endfor %}",
    ],
)
def test_s03_loops_are_bounded(source):
    """A template ends soon, though it writes nothing."""
    with pytest.raises(TemplateError, match="it takes more than 20,000 steps"):
        render(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
        "{{ " + "not " * 500 + "n }}",
        "{% if n %}" * 100 + "{% endif %}" * 100,
        "{% for a in many %}" * 25 + "{% endfor %}" * 25,
        "{{ " + "9" * 10_000 + " }}",
        "{{ n" + " ~ n" * 10_000 + " }}",
        "x" * (MOST_CHARACTERS + 1),
    ],
)
def test_s03_size_is_bounded(source):
    """A template that is too deep or too long is refused."""
    with pytest.raises(TemplateError):
        compile_template(source)


@pytest.mark.parametrize(
    "source", ["{{ text", "{% if %}", "{% for %}", "{{ text }} {{", "{{{ text }}", "{% nope %}", "{{ not }}"]
)
def test_no_template(source):
    """What Jinja cannot read is refused with the line."""
    with pytest.raises(TemplateError, match=r"^template line 2: "):
        compile_template("\n" + source)


@pytest.mark.parametrize(
    "source", ["{{ text > n }}", "{% for x in n %}{% endfor %}", "{{ order.to.street }}", "{{ text|tojson|nope }}"]
)
def test_data_that_does_not_fit(source):
    """What fails while rendering is an error of ours, with the cause in its text."""
    with pytest.raises(TemplateError):
        render(source)


def test_names():
    """Some names no field can have."""
    assert all(map(is_field_name, ("text", "größe", "_a1", "for")))
    assert not any(map(is_field_name, ("my text", "1st", "", "a-b", "true", "self", "loop", "not")))


def test_plain_templates_need_no_jinja():
    """Text with fields in it is filled in without importing Jinja, which takes longer than all of it."""
    code = (
        "import sys\n"
        "from pytest_llmcost.suites.read import read_suite\n"
        "from pytest_llmcost.suites.render import PromptRenderer\n"
        "from pytest_llmcost.suites.templates import compile_template\n"
        "assert compile_template('Q: {{ text }} {{ n }}').render({'text': 'a', 'n': 1}) == 'Q: a 1'\n"
        "assert 'jinja2' not in sys.modules\n"
        "assert compile_template('{{ text|upper }}').render({'text': 'a'}) == 'A'\n"
        "assert 'jinja2' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
