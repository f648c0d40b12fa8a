"""What is right: text as written, numbers where numbers are compared, mappings where fields are."""

import pytest

HEAD = 'prompt: "{{ text }}"\nstrategies: [cheap]\nscorer: %s\ncases:\n- {text: a, expected: %s}\n'


def expected(read, scorer, written):
    """Return what is expected of a case."""
    return read(HEAD % (scorer, written)).cases[0].expected


@pytest.mark.parametrize("written", ["12", "-0.5", "1e3", "[12, '12.50']", ".5"])
def test_numbers(read, written):
    """A number is kept as it is written."""
    assert all(isinstance(value, str) for value in expected(read, "numeric", written))


@pytest.mark.parametrize("written", ["many", "0x1F", "1_000", "no", "'1,5'", "{a: 1}"])
def test_what_is_no_number(mistakes, written):
    """Other text is told with its place."""
    (found,) = mistakes(HEAD % ("numeric", written))
    assert found.startswith("5:23: expected is ")


def test_mappings(read):
    """A mapping has JSON's values; as text, which is all that a table can hold, it is JSON."""
    fields = {"name": "Ann", "total": 12.5, "paid": True, "tags": ["a"], "note": None, "zip": "010"}
    written = '{name: Ann, total: 12.50, paid: true, tags: [a], note: ~, zip: "010"}'
    assert expected(read, "json_fields", written) == (fields,)
    as_text = '\'{"name": "Ann", "total": 12.50, "paid": true, "tags": ["a"], "note": null, "zip": "010"}\''
    assert expected(read, "json_fields", as_text) == (fields,)
    assert expected(read, "json_fields", "[{a: 1}, {a: 2}]") == ({"a": 1}, {"a": 2})


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Ann", "5:23: expected is 'Ann': json_fields needs a mapping of fields, {name: value}"),
        ("{}", "5:23: expected has no field: json_fields needs one or more, {name: value}"),
        ("'{\"a\": }'", "5:23: expected '{\"a\": }': this is no JSON: Expecting value"),
        ("'{\"a\": 1} x'", "5:23: expected is '{\"a\": 1} x': json_fields needs a mapping"),
        ('\'{"a": 1, "a": 2}\'', "5:23: expected '{\"a\": 1, \"a\": 2}': key 'a' is here twice. Keep one"),
    ],
)
def test_what_is_no_mapping(mistakes, written, said):
    """Other text is told with its place."""
    (found,) = mistakes(HEAD % ("json_fields", written))
    assert found.startswith(said)


def test_patterns(mistakes):
    """Where a scorer takes the pattern from the case it is checked there."""
    assert mistakes(HEAD % ("regex", "'^a'")) == []
    assert mistakes(HEAD % ("regex", "'(a'")) == ["5:23: pattern '(a' is wrong: missing ) at position 2"]


def test_any_json_where_nothing_compares_text(read):
    """Code of the project compares what it likes."""
    found = read(HEAD % ("{python: 'my_app:f'}", "{a: 1}"), allowed_python=["my_app"])
    assert found.cases[0].expected == ({"a": 1},)


def test_examples_show_json(read):
    """An expected mapping of an example is shown as JSON, in the order of the file."""
    text = HEAD % ("json_fields", "{b: 1}") + "examples: [{text: x, expected: {b: 1, a: [ü, true]}}]\n"
    assert read(text).strategies[0].prompt.examples[0].expected == '{"b": 1, "a": ["ü", true]}'
