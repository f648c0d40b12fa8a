"""A case's name and fingerprint, and what may be said of it."""

import pytest

from pytest_llmcost.domain.suite import ScorerSpec

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


def test_fingerprint_covers_own_scoring(read):
    """A case's own scorer and threshold are part of it, and what they come to counts, not where it is written."""
    line = "{text: x, expected: p%s}"
    (plain,) = cases_of(read, line % "")
    prints = {
        own: cases_of(read, line % f", {own}")[0].fingerprint
        for own in (
            "scorer: f1",
            "scorer: {f1: {weight: 2}}",
            "scorer: {contains: p}",
            "threshold: 0.5",
            "scorer: exact",
        )
    }
    assert prints.pop("scorer: exact") == plain.fingerprint
    assert len({plain.fingerprint, *prints.values()}) == 1 + len(prints)
    (whole,) = cases_of(read, line % "", top="scorer: f1\n")
    assert whole.fingerprint == cases_of(read, line % ", scorer: f1")[0].fingerprint


def test_fingerprint_of_the_first_release(read):
    """A suite that says nothing new keeps its fingerprints: the baselines that are stored stay valid."""
    (case,) = cases_of(read, "{text: x, expected: [p, q]}", top="labels: [p, q]\nscorer: label\nthreshold: 1\n")
    assert case.fingerprint == "ff41d83fc5bd"


def test_own_settings(read):
    """A case may have its own scorer, threshold and more; what it does not say is left to the suite."""
    own, plain = cases_of(
        read,
        "{text: x, expected: a, group: g, must_pass: 2, strict: false, quarantine: why, scorer: f1, threshold: 0.7}",
        "{text: y, expected: a}",
        top="repeats: 3\nstrict: true\n",
    )
    assert (own.group, own.must_pass, own.strict, own.quarantine) == ("g", 2, False, "why")
    assert (own.scorer, own.threshold) == ((ScorerSpec("f1"),), 0.7)
    assert (plain.group, plain.must_pass, plain.strict, plain.quarantine) == (None, False, None, "")
    assert (plain.scorer, plain.threshold) == ((), None)


def test_own_scorer_has_its_own_default(read):
    """Where nobody says a threshold it follows from the case's own scorer; the suite's word holds for all."""
    assert cases_of(read, "{text: x, expected: a, scorer: f1}")[0].threshold == 0.5
    assert cases_of(read, "{text: x, expected: a, scorer: f1}", top="threshold: 0.8\n")[0].threshold is None
    assert cases_of(read, "{text: x, expected: a, threshold: 1}")[0].threshold is None


def test_own_scorer_needs_no_label(read):
    """What a case's own scorer compares with is no label."""
    top = "labels: [a, b]\nscorer: label\n"
    own, other = cases_of(read, "{text: x, expected: c, scorer: exact}", "{text: y, scorer: {contains: z}}", top=top)
    assert (own.expected, other.expected) == (("c",), ())


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


@pytest.mark.parametrize("name", ["a b", "🙂/../x", "\u202eabc", "x" * 16_384, "::", "1", "gate"])
def test_f07_ids_are_any_text(read, name):
    """An id may hold anything, up to 16,384 characters."""
    (case,) = cases_of(read, f'{{id: "{name}", text: x, expected: a}}')
    assert case.id == name


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            "{id: 'gate[cost]', text: x, expected: a}",
            "4:8: id is 'gate[cost]': text that is not blank and does not begin with 'gate['",
        ),
        (
            "{id: '', text: x, expected: a}",
            "4:8: id is '': text that is not blank and does not begin with 'gate[' is needed",
        ),
        (f"{{id: {'x' * 16_385}, text: x, expected: a}}", "4:8: id has 16,385 characters: at most 16,384 are allowed"),
        ("{id: ~, text: x, expected: a}", "4:8: id is nothing: text "),
        ("{text: x}", "4:3: case has no 'expected'. Add it: the right answer, or a list of right ones"),
        ("{id: a, text: x}", "4:3: case 'a' has no 'expected'. Add it: the right answer, or a list of right ones"),
        ("{text: x, expected: }", "4:23: expected is nothing: text is needed"),
        (
            "{text: x, expected: [a, ~]}",
            "4:27: an item of expected is nothing: text is needed; ~ is none in YAML: put it in quotes",
        ),
        ("{text: x, expected: {a: b}}", "4:23: expected is a mapping: scorer exact compares text"),
        ("{text: x, expected: a, tags: t}", "4:32: tags is 't': a list is needed"),
        ("{text: x, expected: a, tags: [a b]}", "4:33: a tag is 'a b': a word of letters, digits, _ - . is needed"),
        ("{text: x, expected: a, must_pass: 2}", "4:37: must_pass is 2, and repeats is 1. Raise that, or lower this"),
        ("{text: x, expected: a, must_pass: 0}", "4:37: must_pass is 0: a whole number from 1 up to 1,000 is needed"),
        ("{text: x, expected: a, must_pass: yes}", "4:37: must_pass is 'yes': true, false or a whole number from 1"),
        ("{text: x, expected: a, strict: 1}", "4:34: strict is 1: true or false is needed"),
        ("{text: x, expected: a, group: [g]}", "4:33: group is a list: text is needed"),
        ("{text: x, expected: a, scorer: exakt}", "4:34: unknown scorer 'exakt' (did you mean 'exact'?)"),
        ("{text: x, expected: a, scorer: numeric}", "4:23: expected is 'a': scorer numeric needs a number"),
        ("{text: x, expected: a, threshold: 2}", "4:37: threshold is 2: a number above 0 up to 1 is needed"),
        ("{text: x, expected: a, meta: m}", "4:32: meta is 'm': a mapping is needed"),
    ],
)
def test_mistakes(mistakes, case, said):
    """Each is told with its place."""
    (found,) = mistakes(f"{HEAD}cases:\n- {case}\n")
    assert found.startswith(said)


@pytest.mark.parametrize("tag", ["skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings", "tryfirst"])
def test_tags_that_would_turn_a_failure_green(mistakes, tag):
    """A marker of pytest is no tag."""
    (found,) = mistakes(f"{HEAD}cases:\n- {{text: x, expected: a, tags: [ok, {tag}]}}\n")
    assert found.startswith(f"4:37: a tag may not be '{tag}': it is a marker of pytest")


@pytest.mark.parametrize("tag", ["llm", "suite", "strategy", "llm_budget", "flaky", "timeout"])
def test_tags_that_plugins_mean_something_by(mistakes, tag):
    """A marker of this plugin, or of another one that changes how a test is run, is no tag."""
    (found,) = mistakes(f"{HEAD}cases:\n- {{text: x, expected: a, tags: [{tag}]}}\n")
    assert found.startswith(f"4:33: a tag may not be '{tag}': it is a marker of ")


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
