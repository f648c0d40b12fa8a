import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import stdtr, stdtrit  # noqa: TID253

from pytest_llmcost.statistics.student import critical_t, upper_tail

freedoms = st.one_of(st.integers(1, 60), st.sampled_from([99, 999, 9_999, 99_999, 999_999]))


@pytest.mark.parametrize(
    ("level", "freedom", "t"), [(0.90, 9, 1.833113), (0.95, 1, 12.706205), (0.90, 99_999, 1.644869)]
)
def test_critical_t_is_that_of_the_tables(level, freedom, t):
    assert critical_t(level, freedom) == pytest.approx(t, abs=1e-6)


@example(1.2e-7, 999)  # so near to the middle that freedom/(freedom + t^2) is 1
@given(st.floats(-40, 40), freedoms)
def test_the_tail_is_scipys(t, freedom):
    assert upper_tail(t, freedom) == pytest.approx(float(stdtr(freedom, -t)), rel=1e-8, abs=1e-290)


@given(st.floats(0.01, 0.999), freedoms)
def test_the_critical_value_is_scipys(level, freedom):
    assert critical_t(level, freedom) == pytest.approx(float(stdtrit(freedom, (1 + level) / 2)), rel=1e-8)


@pytest.mark.parametrize(("t", "tail"), [(0, 0.5), (1e200, 0), (-1e200, 1), (float("inf"), 0)])
def test_far_out_nothing_is_left(t, tail):
    assert upper_tail(t, 3) == tail


@pytest.mark.parametrize(("t", "freedom"), [(float("nan"), 3), (1.0, 0), (1.0, float("nan")), (1.0, -1)])
def test_what_is_no_number_is_refused_by_name(t, freedom):
    with pytest.raises(ValueError, match="freedom"):
        upper_tail(t, freedom)
