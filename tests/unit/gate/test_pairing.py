"""Which cases are compared, and which only counted."""

from __future__ import annotations

import pytest
from fakes.evidence import paired, record, records

from pytest_llmcost.gate.pairing import pair_cases


def test_only_the_same_cases_are_compared_and_the_others_are_named() -> None:
    before = [record("kept"), record("changed"), record("gone")]
    now = [record("new"), record("kept", 0.0), record("changed", fingerprint="000000")]

    pairing = pair_cases(before, now, same_strategy=True)

    assert [pair.now.case for pair in pairing.pairs] == ["kept"]
    assert (pairing.changed, pairing.added, pairing.removed) == (("changed",), ("new",), ("gone",))
    assert pairing.before == 3


def test_a_case_without_an_answer_is_missing_and_not_wrong() -> None:
    unanswered = record("late", unanswered=1)

    pairing = pair_cases([record("late"), record("rain")], [unanswered, record("rain")], same_strategy=False)

    assert [pair.now.case for pair in pairing.pairs] == ["rain"]
    assert pairing.unanswered == ("late",)
    assert pairing.lost == ()


def test_a_case_that_the_baseline_could_not_measure_is_not_compared_either() -> None:
    pairing = pair_cases(
        [record("late", scores=()), record("rain")], [record("late"), record("rain")], same_strategy=False
    )

    assert [pair.now.case for pair in pairing.pairs] == ["rain"]
    assert pairing.before == 2


@pytest.mark.parametrize(
    ("before", "common", "too_few"),
    [(1, 1, True), (2, 2, False), (4, 2, False), (5, 2, True), (40, 20, False), (40, 19, True)],
)
def test_fewer_than_two_pairs_or_under_half_of_the_baseline_are_too_few(
    before: int, common: int, too_few: bool
) -> None:
    assert pair_cases(records(before), records(common), same_strategy=True).too_few is too_few


def test_lost_and_won_are_the_cases_that_changed_sides() -> None:
    pairing = paired(losses=2, gains=1, n=5)

    assert (pairing.lost, pairing.won) == (("c000", "c001"), ("c002",))


def test_it_is_unchanged_only_with_the_same_strategy_and_the_same_answers() -> None:
    assert paired(0, 0, 5, same_strategy=True).is_unchanged
    assert not paired(0, 0, 5, same_strategy=False).is_unchanged
    assert not paired(1, 1, 5, same_strategy=True).is_unchanged


def test_repeats_of_a_case_are_one_case_with_their_mean() -> None:
    pairing = pair_cases([record("late", 1.0, 1.0, 1.0)], [record("late", 1.0, 0.0, 0.0)], same_strategy=False)

    (pair,) = pairing.pairs
    assert pair.change == pytest.approx(-2 / 3)
    assert not pair.is_right_or_wrong


def test_groups_are_those_of_today_and_a_case_that_is_alone_in_its_group_has_none() -> None:
    kept = [record(case) for case in ("a1", "a2", "b1", "none")]
    groups = {"a1": "a", "a2": "a", "b1": "b", "b2": "b", "none": None}

    pairing = pair_cases([*kept, record("b2")], kept, same_strategy=False, groups=groups)

    assert pairing.groups == ("a", "a", None, None)
    assert pairing.has_groups
    assert not pair_cases(kept, kept, same_strategy=False).has_groups


def test_trials_of_both_sides_are_counted() -> None:
    pairing = pair_cases(
        [record("a", 1, 1, 1), record("b", 1)], [record("a", 1, 0), record("b", 1)], same_strategy=False
    )

    assert pairing.trials == (3, 2)
