"""From a reply to an answer: what counts for a label, and what is flagged."""

from __future__ import annotations

import math

import pytest
from fakes.complete import completion

from pytest_llmcost.domain.completion import Completion, TokenLogprob
from pytest_llmcost.strategies.parse import (
    Parsed,
    first_token_alternatives,
    label_distribution,
    parse_label,
    parse_text,
    parser_of,
)

SCOPE = ("in-scope", "out-of-scope")


def listing(text: str = "", **chances: float) -> Completion:
    """A reply whose first token has these alternatives, by chance."""
    return listed([(token, math.log(chance)) for token, chance in chances.items()], text)


def listed(alternatives: list[tuple[str, float]], text: str = "") -> Completion:
    return completion(text, logprobs=(TokenLogprob(alternatives[0][0], alternatives[0][1], tuple(alternatives)),))


def test_text_is_the_whole_reply_without_the_blanks_around_it() -> None:
    assert parse_text(completion("  Paris, France\n")) == Parsed("Paris, France")


def test_a_parser_is_found_by_its_name() -> None:
    assert parser_of("text", ())(completion(" a "), None) == Parsed("a")
    assert parser_of("label", ("spam", "ham"))(completion("Spam!"), None) == Parsed("spam")


# -- with log-probabilities


def test_the_likeliest_label_wins_whatever_the_text_says() -> None:
    parsed = parse_label(listing("ham", spam=0.6, ham=0.2, the=0.1), ("spam", "ham"))

    assert parsed == Parsed("spam", (), pytest.approx(0.75))


@pytest.mark.parametrize("token", ["in", " in", "In", "IN-", "in-scope", "\tin-sc"])
def test_a_token_counts_for_the_label_of_which_it_is_a_beginning(token: str) -> None:
    distribution, missing = label_distribution([(token, math.log(0.5)), ("x", math.log(0.1))], SCOPE)

    assert missing == ("out-of-scope",)
    assert distribution["in-scope"] == pytest.approx(0.5 / 0.6)


@pytest.mark.parametrize("token", ["i", "o", "", "  ", "scope", "in-scopes", "inside", "answer"])
def test_one_letter_or_anything_that_begins_no_label_counts_for_none(token: str) -> None:
    assert label_distribution([(token, -0.1)], SCOPE)[1] == SCOPE


def test_a_label_of_one_letter_is_told_by_its_one_letter() -> None:
    assert parse_label(listing(A=0.2, B=0.7), ("a", "b")).value == "b"


def test_a_token_that_begins_two_labels_counts_for_neither() -> None:
    distribution, missing = label_distribution(
        [("re", math.log(0.9)), ("ret", math.log(0.05)), ("ref", math.log(0.02))], ("return", "refund")
    )

    assert missing == ()
    assert distribution["return"] == pytest.approx(0.05 / 0.07)


def test_the_tokens_of_a_label_add_up() -> None:
    distribution, _ = label_distribution(
        [(" in", math.log(0.3)), ("in", math.log(0.2)), ("In", math.log(0.1)), ("out", math.log(0.4))], SCOPE
    )

    assert distribution == {"in-scope": pytest.approx(0.6), "out-of-scope": pytest.approx(0.4)}


def test_a_label_that_is_not_listed_gets_the_smallest_value_and_is_flagged() -> None:
    parsed = parse_label(listing(spam=0.9, so=0.06, well=0.01), ("spam", "ham"))

    assert parsed.value == "spam"
    assert parsed.flags == ("label 'ham' is not among the alternatives",)
    assert parsed.confidence == pytest.approx(0.9 / 0.91)


def test_where_no_label_is_listed_the_text_decides() -> None:
    """A chat model begins "The topic is spam": its first token says nothing."""
    said = parse_label(listing("The topic is spam.", The=0.9, This=0.05), ("spam", "ham"))
    unsaid = parse_label(listing("The topic is", The=0.9, This=0.05), ("spam", "ham"))

    assert said == Parsed("spam", ("no label is among the alternatives",))
    assert unsaid == Parsed(None, ("no label is among the alternatives", "unparsed: the text names no label"))


def test_of_equally_likely_labels_the_first_counts() -> None:
    assert parse_label(listing(ham=0.4, spam=0.4), ("spam", "ham")) == Parsed("spam", (), pytest.approx(0.5))
    assert parse_label(listing(ham=0.4, spam=0.4), ("ham", "spam")).value == "ham"


def test_the_first_token_that_is_not_blank_is_read() -> None:
    blank, first, second = (TokenLogprob(text, -0.1, ((text, -0.1),)) for text in ("\n", " spam", "ham"))

    assert first_token_alternatives((blank, first, second)) == ((" spam", -0.1),)
    assert first_token_alternatives((blank,)) == ()
    assert first_token_alternatives(()) == ()


@pytest.mark.parametrize("never", [-9999.0, -800.0, -math.inf])
def test_servers_that_write_a_huge_negative_number_for_never_are_understood(never: float) -> None:
    """A probability that underflows to 0 can still be divided by, as calibration does."""
    reply = listed([("spam", -0.01), ("ham", never)])
    prior, _ = label_distribution(reply.logprobs[0].top, ("spam", "ham"))

    assert parse_label(reply, ("spam", "ham")).value == "spam"
    assert min(prior.values()) > 0
    assert parse_label(reply, ("spam", "ham"), prior).confidence == pytest.approx(0.5)


def test_labels_of_which_one_begins_another_are_read_from_the_text() -> None:
    """The token "in" may be all of one or the beginning of the other."""
    assert parse_label(listing("in-scope", **{"in": 0.9, "in-": 0.1}), ("in", "in-scope")).value == "in-scope"
    assert parse_label(listing("in", **{"in": 0.9, "in-": 0.1}), ("in", "in-scope")).value == "in"


# -- calibrated (Zhao et al. 2021): divided by what the model says to nothing


def test_calibration_divides_by_the_prior_and_normalises() -> None:
    """0.8/0.9 against 0.2/0.1: 0.889 against 2, so 0.308 against 0.692."""
    parsed = parse_label(listing(spam=0.8, ham=0.2), ("spam", "ham"), {"spam": 0.9, "ham": 0.1})

    assert parsed == Parsed("ham", (), pytest.approx(2 / (8 / 9 + 2)))


def test_an_even_prior_changes_nothing() -> None:
    plain, calibrated = (parse_label(listing(spam=0.8, ham=0.1), ("spam", "ham"), p) for p in (None, EVEN))

    assert plain.value == calibrated.value == "spam"
    assert calibrated.confidence == pytest.approx(plain.confidence)


EVEN = {"spam": 0.5, "ham": 0.5}


def test_a_text_without_probabilities_cannot_be_calibrated_and_is_read_as_it_is() -> None:
    assert parse_label(completion("ham"), ("spam", "ham"), {"spam": 0.1, "ham": 0.9}) == Parsed("ham")


# -- by the text alone


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("spam", "spam"),
        ("  SPAM.\n", "spam"),
        ("I would say: not spam", "not spam"),
        ("It's **ham**, surely", "ham"),
        ("ham ham ham", "ham"),
        ("C++!", "C++"),
    ],
)
def test_the_one_label_that_the_text_names_is_the_answer(text: str, label: str) -> None:
    assert parse_label(completion(text), ("spam", "not spam", "ham", "C++")) == Parsed(label)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no idea", "unparsed: the text names no label"),
        ("", "unparsed: the text names no label"),
        ("spammer", "unparsed: the text names no label"),
        ("spam_filter", "unparsed: the text names no label"),
        ("spam or ham?", "unparsed: the text names 2 labels"),
        ("not spam, or spam", "unparsed: the text names 2 labels"),
    ],
)
def test_none_or_two_are_unparsed_and_flagged(text: str, why: str) -> None:
    assert parse_label(completion(text), ("spam", "not spam", "ham")) == Parsed(None, (why,))


def test_a_label_with_signs_of_a_pattern_is_taken_literally() -> None:
    assert parse_label(completion("maybe (a|b)"), ("(a|b)", ".*")) == Parsed("(a|b)")
