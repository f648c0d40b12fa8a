"""Every scorer, by examples: what it takes for right, for wrong, and for neither."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.domain.errors import ScorerError
from pytest_llmcost.domain.suite import Case, ScorerSpec
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.scoring.registry import scorer_of


def score(scorer: str, answer: Any, /, *expected: Any, **options: Any) -> float:
    case = Case("late", {"text": "hello"}, expected, "9f2c41", tags=("mail",))
    return scorer_of([ScorerSpec(scorer, options)])(Answer(answer, str(answer), ()), case)


@pytest.mark.parametrize(
    ("scorer", "options", "value", "expected", "wanted"),
    [
        ("contains", {"value": "sorry"}, "I am sorry.", (), 1.0),
        ("contains", {"value": ["sorry", "regret"]}, "We regret it", (), 1.0),
        ("contains", {"any": ["sorry", "regret"]}, "Never", (), 0.0),
        ("contains", {"all": ["a", "b"]}, "a and b", (), 1.0),
        ("contains", {"all": ["a", "b"]}, "a alone", (), 0.0),
        ("contains", {}, "It is Paris, of course", ("Paris",), 1.0),
        ("starts_with", {"value": "Dear"}, "  Dear reader", (), 1.0),
        ("starts_with", {"value": "Dear"}, "Oh dear", (), 0.0),
        ("regex", {"value": r"\d{3}"}, "room 101", (), 1.0),
        ("regex", {"value": r"^\d{3}$"}, "room 101", (), 0.0),
        ("length", {"max": 5}, "12345", (), 1.0),
        ("length", {"max": 5}, "123456", (), 0.0),
        ("length", {"min": 2, "unit": "words"}, "one two", (), 1.0),
        ("numeric", {}, "It holds 1,234.5 litres", ("1234.5",), 1.0),
        ("numeric", {}, "minus: -3", ("-3",), 1.0),
        ("numeric", {}, "A4 paper, 297 mm", ("4",), 1.0),
        ("numeric", {}, "none at all", ("3",), 0.0),
        ("numeric", {"abs": 0.5}, "10.4", ("10",), 1.0),
        ("numeric", {"rel": 0.01}, "102", ("100",), 0.0),
        ("numeric", {}, "7", ("5", "7"), 1.0),
        ("json_schema", {"value": {"type": "object", "required": ["a"]}}, '{"a": 1}', (), 1.0),
        ("json_schema", {"value": {"type": "object", "required": ["a"]}}, '{"b": 1}', (), 0.0),
        ("json_schema", {"value": {"type": "object"}}, "no json", (), 0.0),
        ("json_fields", {}, {"a": " Chairs", "b": "3"}, ({"a": "chairs", "b": 3},), 1.0),
        ("json_fields", {}, {"a": "chairs", "b": 4}, ({"a": "chairs", "b": 3},), 0.5),
        ("json_fields", {"fields": ["b"]}, '{"a": "x", "b": 3}', ({"a": "chairs", "b": 3},), 1.0),
        ("json_fields", {}, None, ({"a": 1},), 0.0),
        ("f1", {}, "The cat sat", ("a cat sat",), 1.0),
        ("f1", {}, "cat dog", ("cat bird",), 0.5),
        ("levenshtein", {}, "kitten", ("sitting",), 1 - 3 / 7),
        ("levenshtein", {}, "", ("",), 1.0),
    ],
)
def test_a_scorer_scores(
    scorer: str, options: dict[str, Any], value: Any, expected: tuple[Any, ...], wanted: float
) -> None:
    assert score(scorer, value, *expected, **options) == pytest.approx(wanted)


def test_not_turns_a_scorer_round() -> None:
    spec = ScorerSpec("not", of=(ScorerSpec("contains", {"value": "sorry"}),))
    case = Case("late", {}, (), "9f2c41")
    assert scorer_of([spec])(Answer("fine", "fine", ()), case) == 1.0
    assert scorer_of([spec])(Answer("sorry", "sorry", ()), case) == 0.0


def test_several_scorers_count_by_their_weights() -> None:
    specs = [ScorerSpec("exact", weight=2), ScorerSpec("contains", {"value": "a"}, weight=1)]
    case = Case("late", {}, ("b",), "9f2c41")
    assert scorer_of(specs)(Answer("a", "a", ()), case) == pytest.approx(1 / 3)
    assert scorer_of(specs)(Answer("b", "b", ()), case) == pytest.approx(2 / 3)


def test_s04_a_pattern_without_end_leaves_the_case_unscored() -> None:
    with pytest.raises(ScorerError, match="takes over 1 s"):
        score("regex", "a" * 40 + "!", value="(a|a)*$")


def test_an_expected_number_that_is_none_is_no_wrong_answer() -> None:
    with pytest.raises(ScorerError, match="is no number"):
        score("numeric", "3", "three")


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A user's module of scoring functions."""
    (tmp_path / "my_scores.py").write_text(
        "def short(answer, case):\n    return len(answer) <= len(case['text'])\n"
        "def share(answer, case):\n    return 0.25\n"
        "def wrong(answer, case):\n    return {1: float('nan'), 2: 1.5, 3: None}[len(answer)]\n"
        "def write(answer, case):\n    case['text'] = ''\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "my_scores", raising=False)
    return "my_scores"


def test_a_function_of_the_user_s_scores(module: str) -> None:
    assert score("python", "hi", value=f"{module}:short") == 1.0
    assert score("python", "hello there", value=f"{module}:short") == 0.0
    assert score("python", "hi", value=f"{module}:share") == 0.25


@pytest.mark.parametrize("answer", ["1", "22", "333"])
def test_s05_a_score_that_is_none_leaves_the_case_unscored(module: str, answer: str) -> None:
    with pytest.raises(ScorerError, match=r"a number in 0\.\.1 is needed"):
        score("python", answer, value=f"{module}:wrong")


def test_a_function_cannot_change_the_case(module: str) -> None:
    with pytest.raises(TypeError):
        score("python", "x", value=f"{module}:write")


@pytest.mark.parametrize("name", ["my_scores:absent", "absent_module:f"])
def test_a_function_that_is_not_there_is_said(module: str, name: str) -> None:
    with pytest.raises(ScorerError, match="cannot be loaded"):
        score("python", "x", value=name)


@given(st.text(max_size=30), st.text(min_size=1, max_size=30))
def test_likeness_stays_in_its_range_and_is_mutual(given_text: str, expected: str) -> None:
    for scorer in ("f1", "levenshtein"):
        there, back = score(scorer, given_text, expected), score(scorer, expected, given_text)
        assert 0 <= there <= 1
        assert there == pytest.approx(back)


@given(st.text(alphabet="abc", max_size=6), st.text(alphabet="abc", min_size=1, max_size=6))
def test_levenshtein_is_the_shortest_edit(left: str, right: str) -> None:
    """Independent: the recurrence of Wagner and Fischer (1974)."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row, before = [i], row
        for j, b in enumerate(right, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
    longest = max(len(left), len(right))
    assert score("levenshtein", left, right) == pytest.approx(1 - row[-1] / longest)
