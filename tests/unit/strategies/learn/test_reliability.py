import pytest
from fakes.lessons import outcome, sample

from pytest_llmcost.strategies.learn.reliability import reliability_of


def answers(*groups: tuple[int, float, float]):
    """Groups of so many answers, of that score, of that confidence."""
    return [
        sample(f"{place}-{number}", cheap=outcome(score, confidence=confidence))
        for place, (count, score, confidence) in enumerate(groups)
        for number in range(count)
    ]


def test_a_confidence_that_tells_right_from_wrong_has_an_area_and_no_fault():
    found = reliability_of(answers((60, 1.0, 0.9), (40, 0.0, 0.3)), "cheap")
    assert (found.right, found.wrong, found.area, found.fault) == (60, 40, 1.0, "")
    assert found.interval.lower > 0.9


@pytest.mark.parametrize(
    ("groups", "fault"),
    [
        ([(60, 1.0, 0.7), (40, 0.0, 0.7)], "it is the same for every answer, 0.7"),
        ([(30, 1.0, 0.7), (30, 1.0, 0.5), (20, 0.0, 0.7), (20, 0.0, 0.5)], "covers 0.5"),
        ([(60, 1.0, 0.3), (40, 0.0, 0.9)], "wrong answers are surer than right ones"),
        ([(2, 1.0, 0.9), (1, 0.0, 0.3), (1, 0.0, 0.95)], "covers 0.5"),
    ],
)
def test_a_useless_confidence_is_said_to_be_useless(groups, fault):
    assert fault in reliability_of(answers(*groups), "cheap").fault


def test_where_all_answers_are_right_there_is_nothing_to_tell_apart():
    found = reliability_of(answers((10, 1.0, 0.9), (10, 1.0, 0.8)), "cheap")
    assert (found.area, found.interval, found.fault) == (None, None, "")


def test_the_curve_has_bins_of_about_equal_size_and_keeps_equal_confidences_together():
    found = reliability_of(answers((50, 1.0, 0.9), (20, 0.0, 0.5), (20, 1.0, 0.4), (10, 0.0, 0.1)), "cheap")
    assert [(one.count, one.lowest, one.highest, one.right) for one in found.bins] == [
        (30, 0.1, 0.4, 20 / 30),
        (20, 0.5, 0.5, 0.0),
        (50, 0.9, 0.9, 1.0),
    ]
    assert found.bins[2].interval.lower < 1.0
    assert found.bins[0].claimed == pytest.approx(0.3)


def test_answers_without_a_confidence_are_passed_over():
    found = reliability_of([*answers((5, 1.0, 0.9), (5, 0.0, 0.1)), sample("none", cheap=outcome(1.0))], "cheap")
    assert found.right + found.wrong == 10
