from decimal import Decimal

import pytest
from fakes.lessons import outcome, sample
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.strategies.learn.candidates import single
from pytest_llmcost.strategies.learn.traffic import Traffic, shares_of, weighted_percentile

CHEAP, DEAR = single("cheap"), single("dear")


def cases(kind: str, count: int, wrong: int):
    return [
        sample(f"{kind}{number}", kind, cheap=outcome(float(number >= wrong), "0.001"), dear=outcome(1.0, "0.01"))
        for number in range(count)
    ]


def test_each_task_type_counts_by_its_share_and_not_by_its_cases():
    """Of 100 rare requests one is here ten times; half of them the cheap strategy gets wrong."""
    traffic = Traffic([*cases("rare", 10, wrong=5), *cases("usual", 90, wrong=0)], {"rare": 0.01, "usual": 0.99}, 0.05)
    safe = traffic.all_by(DEAR)
    measured = traffic.measure(traffic.all_by(CHEAP), safe)
    assert measured.quality == pytest.approx(0.995)
    assert measured.loss == pytest.approx(0.005)
    assert measured.usd == Decimal("0.001")
    mixed = traffic.measure({"rare": DEAR, "usual": CHEAP}, safe)
    assert mixed.usd == Decimal("0.01") * Decimal("0.01") + Decimal("0.99") * Decimal("0.001")
    assert mixed.loss == 0.0


def test_a_type_with_few_cases_and_much_traffic_proves_little():
    few = [*cases("big", 20, wrong=0), *cases("small", 180, wrong=0)]
    as_they_are = Traffic(few, shares_of(few), 0.05)
    mixed = Traffic(few, {"big": 0.9, "small": 0.1}, 0.05)
    safe = as_they_are.all_by(DEAR)
    assert as_they_are.measure(as_they_are.all_by(CHEAP), safe).p < 0.001
    assert mixed.measure(mixed.all_by(CHEAP), safe).p > 0.1
    # where only what is well known is moved, the other's weight is no matter
    assert mixed.measure({"big": DEAR, "small": CHEAP}, safe).p < 0.001


def test_cases_of_one_group_count_once():
    grouped = [sample(n, "k", f"g{n // 20}", cheap=outcome(1.0), dear=outcome(1.0)) for n in range(200)]
    traffic = Traffic(grouped, {"k": 1.0}, 0.05)
    assert traffic.measure(traffic.all_by(CHEAP), traffic.all_by(DEAR)).p > 0.5


@given(
    st.lists(st.tuples(st.floats(0, 100), st.integers(1, 5)), min_size=1, max_size=30), st.sampled_from([0.5, 0.95, 1])
)
def test_a_weighted_percentile_is_that_of_as_many_copies(values, share):
    copies = sorted(value for value, weight in values for _ in range(weight))
    needed = next(place for place in range(1, len(copies) + 1) if place >= share * len(copies) - 1e-9)
    assert weighted_percentile([(value, float(weight)) for value, weight in values], share) == copies[needed - 1]
