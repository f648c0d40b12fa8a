"""Labels are a closed set, and everything expected is one of them."""

import pytest

HEAD = 'prompt: "{{ text }}"\nstrategies: [mid]\n'


def said(mistakes, lines, expected="good"):
    """Return what is wrong with a suite with these lines."""
    return mistakes(f"{HEAD}cases: [{{text: a, expected: {expected}}}]\n{lines}\n")


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ("[good]", "4:9: labels has length 1: at least 2 is needed"),
        ("[good, Good]", "4:16: labels 'good' and 'Good' are the same to a model. Rename one"),
        ("[good, bad, ' bad']", "4:21: labels 'bad' and ' bad' are the same to a model. Rename one"),
        ("[good, '']", "4:16: a label is empty. Write what the model is to answer"),
        ("good", "4:9: labels is 'good': a list is needed"),
        ("[good, ~]", "4:16: an item of labels is nothing: text is needed; ~ is none in YAML: put it in quotes"),
    ],
)
def test_labels_that_are_none(mistakes, labels, found):
    """Labels are several, and different."""
    assert said(mistakes, f"labels: {labels}") == [found]


def test_s10_labels_compare_as_written(read):
    """`yes`, `no` and numbers are labels like any others."""
    suite = read(f"{HEAD}labels: [yes, no, 010]\nscorer: label\ncases: [{{text: a, expected: [no, 010]}}]\n")
    assert (suite.labels, suite.cases[0].expected) == (("yes", "no", "010"), ("no", "010"))


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ("godo", "3:29: expected 'godo' is not among the labels (did you mean 'good'?)"),
        ("Good", "3:29: expected 'Good' is not among the labels (did you mean 'good'?)"),
        ("[good, ugly]", "3:36: expected 'ugly' is not among the labels. There are 'good', 'bad'"),
    ],
)
def test_expected_is_a_label(mistakes, expected, found):
    """An answer that no model is asked for is a mistake in the case."""
    assert said(mistakes, "labels: [good, bad]", expected) == [found]


def test_example_is_a_label(mistakes):
    """So it is in an example."""
    lines = "labels: [good, bad]\nexamples: [{text: x, expected: badd}]"
    assert said(mistakes, lines) == ["5:32: expected 'badd' is not among the labels (did you mean 'bad'?)"]


@pytest.mark.parametrize("lines", ["parse: label", "scorer: label"])
def test_labels_are_missing(mistakes, lines):
    """What works with labels needs them."""
    (found,) = said(mistakes, lines)
    assert found == f"4:{len(lines) - 4}: {lines} needs 'labels'. Add them: labels: [one, other]"


@pytest.mark.parametrize("labels", ["[in, in-scope]", "[in-scope, IN]", "[x, in-scope, ' in', y]"])
def test_labels_that_no_token_can_tell_apart(mistakes, labels):
    """A label is read from the first token, so none may be the beginning of another one."""
    lines = f"labels: {labels}\nparse: label"
    (found,) = said(mistakes, lines, expected="in-scope")
    assert "labels 'in' and 'in-scope' begin alike, so no token can tell them apart" in found
    assert said(mistakes, f"labels: {labels}\ncalibrate: true", expected="in-scope") == []
