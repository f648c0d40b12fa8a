"""A case's name and fingerprint, and what may be said of it."""

import pytest

HEAD = 'prompt: "{{ text }}"\nstrategies: {it: {model: cheap}}\n'


def cases_of(read, *cases, top=""):
    """Return the cases of a suite with these lines."""
    return read(HEAD + top + "cases:\n" + "".join(f"- {case}\n" for case in cases)).cases


def test_default_id_is_stable(read):
    """The id follows from the input alone: not from the order, the answer, tags, or how it is quoted."""
    (here,) = cases_of(read, "{text: 'How much?', expected: a}")
    other, there = cases_of(read, "{text: x, expected: a}", '{tags: [t], expected: b, text: "How much?", meta: {n: 1}}')
    assert here.id == there.id != other.id
    assert len(here.id) == 10
    assert set(here.id) <= set("0123456789abcdef")


def test_fingerprint_covers_input_expected_and_scoring(read):
    """It changes with what is asked, what is right and how it is scored, and with nothing else."""
    line = "{id: a, text: x, expected: [p, q]}"
    (first,) = cases_of(read, line)
    same = [
        cases_of(read, "{id: b, expected: [q, p], text: x, tags: [t], meta: {a: 1}}"),
        cases_of(read, line, top="params: {temperature: 1}\nsystem: hi\nthreshold: 1\n"),
    ]
    changed = [
        cases_of(read, "{id: a, text: y, expected: [p, q]}"),
        cases_of(read, "{id: a, text: x, expected: p}"),
        cases_of(read, line, top="threshold: 0.5\n"),
        cases_of(read, line, top="labels: [p, q]\n"),
        cases_of(read, line, top="labels: [p, q]\nscorer: label\n"),
    ]
    assert len(first.fingerprint) == 12
    assert {case.fingerprint for (case,) in same} == {first.fingerprint}
    prints = [case.fingerprint for (case,) in changed]
    assert len({first.fingerprint, *prints}) == 1 + len(changed)


def test_fingerprint_does_not_depend_on_the_order_of_labels(read):
    """Labels are a set."""
    line = "{text: x, expected: p}"
    (here,) = cases_of(read, line, top="labels: [p, q]\n")
    (there,) = cases_of(read, line, top="labels: [q, p]\n")
    assert here.fingerprint == there.fingerprint


@pytest.mark.parametrize("written", ["no", "010", "1e3", "12:30", "2027-01-31", "true", "1.50", "'null'", "0x1F"])
def test_s10_expected_compares_as_written(read, written):
    """What YAML would make of an answer does not matter: it is the text that stands there."""
    (case,) = cases_of(read, f"{{text: x, expected: {written}}}")
    assert case.expected == (written.strip("'"),)
    (case,) = cases_of(read, f"{{text: x, expected: [{written}, b]}}")
    assert case.expected == (written.strip("'"), "b")


@pytest.mark.parametrize("written", ["010", "1e3", "12.50", "no", "12:30", "7"])
def test_fields_print_as_written(read, written):
    """So does a field."""
    (case,) = cases_of(read, f"{{text: {written}, expected: a}}")
    assert str(case.fields["text"]) == written


@pytest.mark.parametrize("name", ["a b", "🙂/../x", "\u202eabc", "x" * 200, "::", "1", "gate"])
def test_f07_ids_are_any_text(read, name):
    """An id may hold anything, up to 200 characters."""
    (case,) = cases_of(read, f'{{id: "{name}", text: x, expected: a}}')
    assert case.id == name


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("{id: 'gate[cost]', text: x, expected: a}", "4:8: id is 'gate[cost]': text that does not begin with 'gate['"),
        ("{id: '', text: x, expected: a}", "4:8: id is '': text that does not begin with 'gate[' is needed"),
        (f"{{id: {'x' * 201}, text: x, expected: a}}", "4:8: id has 201 characters: at most 200 are allowed"),
        ("{id: ~, text: x, expected: a}", "4:8: id is nothing: text "),
        ("{text: x}", "4:3: case has no 'expected'. Add it: the right answer, or a list of right ones"),
        ("{id: a, text: x}", "4:3: case 'a' has no 'expected'. Add it: the right answer, or a list of right ones"),
        ("{text: x, expected: }", "4:23: expected is nothing: text is needed"),
        ("{text: x, expected: [a, ~]}", "4:27: an item of expected is nothing: text is needed"),
        ("{text: x, expected: {a: b}}", "4:23: an expected mapping is not supported yet. Use text, or a list"),
        ("{text: x, expected: a, tags: t}", "4:32: tags is 't': a list is needed"),
        ("{text: x, expected: a, tags: [a b]}", "4:33: a tag is 'a b': a word of letters, digits, _ - . is needed"),
        ("{text: x, expected: a, meta: m}", "4:32: meta is 'm': a mapping is needed"),
    ],
)
def test_mistakes(mistakes, case, said):
    """Each is told with its place."""
    (found,) = mistakes(f"{HEAD}cases:\n- {case}\n")
    assert found.startswith(said)


@pytest.mark.parametrize("tag", ["skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings"])
def test_tags_that_would_turn_a_failure_green(mistakes, tag):
    """A marker of pytest is no tag."""
    (found,) = mistakes(f"{HEAD}cases:\n- {{text: x, expected: a, tags: [ok, {tag}]}}\n")
    assert found.startswith(f"4:37: a tag may not be '{tag}': it is a marker of pytest")


def test_twins(mistakes):
    """Two cases of one id, and two of one input without ids, are told with the line of the first."""
    found = mistakes(
        f"{HEAD}cases:\n- {{id: a, text: x, expected: a}}\n- {{id: a, text: y, expected: a}}\n"
        "- {text: z, expected: a}\n- {text: z, expected: b}\n- {id: b, text: z, expected: a}\n"
    )
    assert found == [
        "5:8: id 'a' is that of the case in line 4, too. Give each its own",
        "7:3: this case asks the same as the one in line 6. Drop it, or give it an id",
    ]


def test_large_case(mistakes):
    """A case is a question, not a data set."""
    assert mistakes(f"{HEAD}cases:\n- {{text: {'x' * 200_001}, expected: a}}\n")[0] == (
        "4:3: the case has 200,001 characters: at most 200,000 are allowed"
    )
