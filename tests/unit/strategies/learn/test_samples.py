from decimal import Decimal

from fakes.lessons import outcome, sample
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.domain.policy import PolicyStep
from pytest_llmcost.strategies.learn.samples import Outcome, Sample, asked_shares, halves, passage

CASE = sample(
    1, cheap=outcome(0.0, "0.001", 0.6, seconds=1, tokens=10), dear=outcome(1.0, "0.01", None, seconds=3, tokens=30)
)


def cascade(accept: float) -> tuple[PolicyStep, ...]:
    return (PolicyStep("cheap", accept), PolicyStep("dear"))


def test_an_escalated_case_costs_both_tries_and_a_sure_one_only_the_first():
    escalated, kept = passage(CASE, cascade(0.61)), passage(CASE, cascade(0.6))
    assert escalated == (1.0, Decimal("0.011"), 4, 40, 1.0, Decimal("0.01"))
    assert kept == (0.0, Decimal("0.001"), 1, 10, 0.0, Decimal("0.001"))


def test_an_answer_without_a_confidence_is_escalated_but_by_a_step_that_takes_every_answer():
    unsure = sample(1, cheap=outcome(1.0, "0.001", None), dear=outcome(0.0, "0.01"))
    assert passage(unsure, cascade(0.01)).score == 0.0
    assert passage(unsure, cascade(0.0)).score == 1.0


def test_each_step_is_asked_where_those_before_it_were_not_sure_enough():
    cases = [
        sample(number, cheap=outcome(confidence=cheap), mid=outcome(confidence=mid), dear=outcome())
        for number, (cheap, mid) in enumerate([(0.9, 0.1), (0.2, 0.9), (0.2, 0.1), (None, 0.4)])
    ]
    assert asked_shares(cases, (PolicyStep("cheap", 0.5), PolicyStep("mid", 0.5), PolicyStep("dear"))) == (1, 0.75, 0.5)


def test_every_step_of_a_longer_cascade_is_tried_in_turn():
    case = sample(1, cheap=outcome(0.0, "1", 0.1), mid=outcome(1.0, "10", 0.8), dear=outcome(0.0, "100"))
    way = (PolicyStep("cheap", 0.5), PolicyStep("mid", 0.5), PolicyStep("dear"))
    assert passage(case, way)[:2] == (1.0, Decimal(11))


def test_trials_are_averaged_each_by_its_own_confidence():
    def trials(*confidences: float) -> tuple[Outcome, ...]:
        return tuple(outcome(0.0, "1", confidence) for confidence in confidences)

    case = Sample("s", "c", "", None, {"cheap": trials(0.9, 0.1), "dear": (outcome(1.0, "3"), outcome(1.0, "5"))})
    assert passage(case, cascade(0.5)) == (0.5, Decimal("3.5"), 1.5, 150, 0.5, Decimal(3))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([None, "g", "h"])), max_size=40), st.integers(0, 9))
def test_halves_hold_every_case_once_keep_groups_together_and_do_not_depend_on_the_order(kinds, seed):
    samples = [sample(number, kind, group, dear=outcome()) for number, (kind, group) in enumerate(kinds)]
    first, second = halves(samples, seed)
    assert sorted(one.case for one in [*first, *second]) == sorted(one.case for one in samples)
    groups = [{(one.kind, one.group) for one in half if one.group} for half in (first, second)]
    assert not groups[0] & groups[1]
    assert {one.kind for one in second} == {one.kind for one in samples}
    assert halves(samples[::-1], seed) == (first, second)


def test_each_task_type_is_halved_and_another_seed_halves_otherwise():
    samples = [sample(number, "ab"[number % 2], dear=outcome()) for number in range(80)]
    first, second = halves(samples, 0)
    assert [sum(one.kind == kind for one in half) for half in (first, second) for kind in "ab"] == [20] * 4
    assert halves(samples, 1)[0] != first
    assert len(halves(samples, 0, 0.25)[0]) == 20
