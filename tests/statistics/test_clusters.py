import pytest

from pytest_llmcost.statistics.clusters import count_groups, gather, group_means


def test_cases_of_one_group_stand_together_wherever_they_were():
    assert gather([0.1, 0.2, 0.3, 0.4], ["a", "b", "a", "b"]) == [[0.1, 0.3], [0.2, 0.4]]


def test_a_case_without_a_group_is_a_group_of_its_own():
    assert gather([1, 2, 3, 4], [None, "a", None, "a"]) == [[1], [2, 4], [3]]
    assert gather([1, 2], [None, None]) == [[1], [2]]


def test_groups_are_counted_and_cases_without_one_each_count():
    assert count_groups([None, "a", None, "a", "b"]) == 4


def test_a_large_group_counts_once():
    assert group_means([0.0, 0.5, 1.0, -1.0], ["a", "a", "a", "b"]) == [0.5, -1.0]


def test_each_case_needs_its_group():
    with pytest.raises(ValueError, match="diffs: 2, groups: 1"):
        gather([1, 2], ["a"])
