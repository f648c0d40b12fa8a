"""Right or wrong by the text alone."""

from __future__ import annotations

import pytest

from pytest_llmcost.domain.suite import Case, ScorerSpec
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.scoring.registry import scorer_of


def score(scorer: str, value: str | None, *expected: str) -> float:
    case = Case("late", {}, expected, "9f2c41")
    return scorer_of([ScorerSpec(scorer)])(Answer(value, value or "", ()), case)


@pytest.mark.parametrize("value", ["Paris", "  Paris\n"])
def test_exact_leaves_the_blanks_around_an_answer_aside(value: str) -> None:
    assert score("exact", value, "Paris") == 1.0
    assert score("exact", value, " Paris ") == 1.0


@pytest.mark.parametrize("value", ["paris", "Paris.", "Pa ris", "", "The answer is Paris"])
def test_exact_forgives_nothing_else(value: str) -> None:
    assert score("exact", value, "Paris") == 0.0


@pytest.mark.parametrize("value", ["In-Scope", " in-scope ", "IN-SCOPE"])
def test_label_forgives_the_letter_case(value: str) -> None:
    assert score("label", value, "in-scope") == 1.0


def test_label_folds_case_in_any_language() -> None:
    assert score("label", "STRASSE", "straße") == 1.0


@pytest.mark.parametrize("scorer", ["exact", "label"])
def test_any_of_several_expected_answers_is_right(scorer: str) -> None:
    assert score(scorer, "b", "a", "b") == 1.0
    assert score(scorer, "c", "a", "b") == 0.0


@pytest.mark.parametrize("scorer", ["exact", "label"])
def test_an_answer_that_could_not_be_parsed_is_wrong(scorer: str) -> None:
    assert score(scorer, None, "None", "") == 0.0


@pytest.mark.parametrize("scorer", ["exact", "label"])
def test_where_nothing_is_expected_nothing_is_right(scorer: str) -> None:
    assert score(scorer, "anything") == 0.0
