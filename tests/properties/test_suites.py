"""Laws of reading suites, whatever they hold."""

import codecs
import contextlib
import csv
import io
import json
import random
import tempfile
from pathlib import Path

import jsonschema
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.suites.project import Configured
from pytest_llmcost.suites.read import read_suite
from pytest_llmcost.suites.sandbox import Compiled
from pytest_llmcost.suites.schema.case import CASE
from pytest_llmcost.suites.schema.describe import suite_schema
from pytest_llmcost.suites.schema.gate import GATE
from pytest_llmcost.suites.schema.prompt import MESSAGE, PART
from pytest_llmcost.suites.schema.scoring import FORMS
from pytest_llmcost.suites.schema.suite import STRATEGY, SUITE
from pytest_llmcost.suites.templates import TemplateError, compile_template, variables_of

LAW = settings(max_examples=100)
CONFIGURED = [Configured("pyproject.toml", {"strategies": ["cheap"]})]
GOLDEN = Path(__file__).parents[1] / "golden" / "suite_mistakes.yaml"


def read(content):
    """Read bytes as a suite."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench_it.yaml"
        path.write_bytes(content)
        return read_suite(path, root=path.parent, models=["cheap"], configured=CONFIGURED)


def read_or_refuse(content):
    """Read bytes as a suite; only a `SuiteError` may come of it, and each of its problems has a place."""
    problems = ()
    try:
        read(content)
    except SuiteError as error:
        problems = error.problems or (None,)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


YAML_PIECES = st.sampled_from(
    [
        *(
            "- ",
            "  ",
            "\n",
            "\n  ",
            ": ",
            "{",
            "}",
            "[",
            "]",
            ", ",
            "? ",
            "| ",
            "> ",
            "&a ",
            "*a ",
            "!!str ",
            "!x ",
            "#",
        ),
        *(
            "'",
            '"',
            "---",
            "...",
            "%",
            "@",
            "\t",
            "\x07",
            "\ufeff",
            "\u2028",
            "\x85",
            "<<",
            "~",
            "null",
            "true",
            ".nan",
        ),
        *("cases", "prompt", "labels", "examples", "strategies", "messages", "gate", "quality", "margin", "params"),
        *("text", "expected", "id", "tags", "meta", "model", "role", "user", "content", "system", "style", "cheap"),
        *("{{ text }}", "{{ ", " }}", "{% if text %}", "{% endif %}", "0", "1e3", "-1", "010", "a", "ü", "🙂", "label"),
    ]
)


@LAW
@given(st.binary(max_size=200))
def test_any_bytes(content):
    """No bytes make the reader fail with anything but a `SuiteError`."""
    read_or_refuse(content)


@LAW
@given(st.lists(YAML_PIECES, max_size=60).map("".join))
def test_any_yaml(text):
    """Nor does anything that looks like a suite."""
    read_or_refuse(text.encode("utf-8", "surrogatepass"))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["cheap", "{{ text }}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(sorted({*SUITE.keys, *STRATEGY.keys, *CASE.keys, *GATE.keys, *MESSAGE.keys, *PART.keys}))
SUITES = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=30,
)


@LAW
@given(SUITES)
def test_any_values(value):
    """Nor do the right keys with any values."""
    read_or_refuse(yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "surrogatepass"))


@LAW
@given(st.data())
def test_any_change_of_a_suite(data):
    """Nor does a suite of which any piece is taken out or doubled."""
    content = GOLDEN.read_bytes()
    start, end = sorted(data.draw(st.lists(st.integers(0, len(content)), min_size=2, max_size=2)))
    read_or_refuse(content[:start] + content[end:])
    read_or_refuse(content[:end] + content[start:])


PRINTABLE = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=12)


@LAW
@given(
    st.dictionaries(PRINTABLE.filter(bool), PRINTABLE, min_size=2, max_size=6),
    st.randoms(use_true_random=False),
)
def test_ids_outlive_reordering(answers, shuffle: random.Random):
    """Ids and fingerprints belong to the cases, in whatever order they and their fields stand."""
    cases = [{"text": text, "more": "m", "expected": f"x{answer}"} for text, answer in answers.items()]
    here = _read_cases(cases)
    shuffle.shuffle(cases)
    there = _read_cases([dict(reversed(case.items())) for case in cases])
    assert here == there
    assert len(here) == len(answers)


def _read_cases(cases):
    suite = {"prompt": "{{ text }}{{ more }}", "cases": cases}
    read_back = read(yaml.safe_dump(suite, allow_unicode=True, sort_keys=False).encode()).cases
    return {(case.id, case.fingerprint, case.fields["text"], case.expected) for case in read_back}


PIECES = st.sampled_from(
    ["{{ a }}", "{{b}}", "{", "}", "{{", "}}", "{%", "%}", "{#", "#}", " ", "\n", "\r", "a", "-", "'", "{{ true }}"]
)


@LAW
@given(st.lists(PIECES, max_size=12).map("".join))
def test_plain_templates_render_as_jinja_does(source):
    """What is filled in without Jinja is what Jinja would write."""
    fields = {"a": "x {{ b }}", "b": 7}
    try:
        template = compile_template(source)
    except TemplateError:
        return
    assert template.render(fields) == "".join(Compiled(source).pieces(fields))
    assert template.variables == Compiled(source).variables == variables_of(source)


@LAW
@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "{{ ",
                    " }}",
                    "{% if ",
                    "{% for x in ",
                    "{% endif %}",
                    "{% endfor %}",
                    " %}",
                    "{% else %}",
                    "{% elif ",
                ),
                *(
                    "a",
                    "b",
                    "x",
                    "loop",
                    ".index",
                    ".a",
                    "[0]",
                    "[:1]",
                    "(",
                    ")",
                    "|",
                    "upper",
                    "join",
                    "items",
                    "tojson",
                ),
                *(
                    " and ",
                    " not ",
                    " is ",
                    "defined",
                    " in ",
                    " == ",
                    " ~ ",
                    ", ",
                    "1",
                    "'s'",
                    "-",
                    "*",
                    "[",
                    "]",
                    "{",
                    "}",
                ),
                *("default", "self", "range", "length", "if", "first", "truncate(1)", "recursive", "**", "set", "%}"),
            ]
        ),
        max_size=20,
    ).map("".join)
)
def test_any_template(source):
    """Any template renders or is refused, by a `TemplateError` alone."""
    with contextlib.suppress(TemplateError):
        compile_template(source).render({"a": "text", "b": [{"a": 1}, None]})


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def read_table(cases, name, content):
    """Read cases from a file beside a suite."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / name).write_bytes(content)
        suite = {"prompt": "{{ text }}", "strategies": ["cheap"], "cases_from": name, **cases}
        (root / "bench_it.yaml").write_text(json.dumps(suite))
        return read_suite(root / "bench_it.yaml", root=root, models=["cheap"])


@LAW
@given(
    st.dictionaries(CELLS.filter(str.strip), CELLS.filter(bool), min_size=1, max_size=5),
    st.sampled_from(["excel", "unix"]),
    st.booleans(),
)
def test_tables_are_read_as_they_are_written(rows, dialect, has_mark):
    """What the csv module writes, with any text in its cells, comes back to the letter, and from JSON Lines as well."""
    text = io.StringIO(newline="")
    csv.writer(text, dialect).writerows([["text", "expected"], *rows.items()])
    mark = codecs.BOM_UTF8 if has_mark else b""
    lines = "".join(json.dumps({"text": text, "expected": answer}) + "\n" for text, answer in rows.items())
    for name, content in (("a.csv", mark + text.getvalue().encode()), ("a.jsonl", lines.encode())):
        found = read_table({}, name, content).cases
        assert {case.fields["text"]: case.expected for case in found} == {q: (a,) for q, a in rows.items()}


@LAW
@given(
    st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.json"]),
    st.binary(max_size=100)
    | st.lists(st.sampled_from(['"', ",", "\n", "\r\n", "text", "expected", "[", "]", "{", "}", ":", "1", "\\", " "]))
    .map("".join)
    .map(str.encode),
)
def test_any_table(name, content):
    """No bytes make the reader of tables fail with anything but a `SuiteError`, and each mistake has a place."""
    problems = ()
    try:
        read_table({}, name, content)
    except SuiteError as error:
        problems = error.problems or (None,)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 3)
    | st.sampled_from(["a", "b", "cheap", "exact", "f1", "{{ text }}", 0.5]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(sorted({*SUITE.keys, *CASE.keys, *GATE.keys, *FORMS, "weight", "value", "max", "not"})),
            inner,
            max_size=2,
        )
    ),
    max_leaves=4,
)
SCHEMA = jsonschema.Draft202012Validator(suite_schema())


@settings(LAW, max_examples=300)
@given(st.sampled_from(sorted(SUITE.keys)), PLAIN, st.sampled_from(sorted(CASE.keys)), PLAIN)
def test_what_is_read_is_accepted_by_the_schema(key, value, case_key, case_value):
    """The schema refuses nothing that the reader takes."""
    suite = {
        "prompt": "{{ text }}",
        "labels": ["a", "b"],
        "strategies": ["cheap"],
        "cases": [{"text": "x", "expected": "a", case_key: case_value}],
        key: value,
    }
    with contextlib.suppress(SuiteError):
        read(json.dumps(suite).encode())
        SCHEMA.validate(suite)
