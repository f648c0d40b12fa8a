"""Losses in one part of the cases: against scipy, and against counting every way to choose the part."""

from __future__ import annotations

from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact  # noqa: TID253

from pytest_llmcost.statistics.concentration import p_concentrated


@st.composite
def tables(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Four counts that fit into each other."""
    n = draw(st.integers(1, 400))
    part, marked = draw(st.integers(0, n)), draw(st.integers(0, n))
    return draw(st.integers(max(0, part + marked - n), min(part, marked))), part, marked, n


@given(tables())
def test_it_agrees_with_an_independent_library(table: tuple[int, int, int, int]) -> None:
    hits, part, marked, n = table
    counts = [[hits, part - hits], [marked - hits, n - part - marked + hits]]
    assert p_concentrated(*table) == pytest.approx(fisher_exact(counts, alternative="greater").pvalue, rel=1e-6)


def test_it_is_the_share_of_all_parts_that_hold_as_many() -> None:
    marked = {0, 1, 2}
    parts = [len(marked & set(part)) for part in combinations(range(8), 4)]
    for hits in range(4):
        assert p_concentrated(hits, 4, 3, 8) == pytest.approx(sum(x >= hits for x in parts) / comb(8, 4))


def test_100_000_cases_are_counted_as_well() -> None:
    assert p_concentrated(1_100, 10_000, 10_000, 100_000) == pytest.approx(0.00027, rel=0.1)
    assert p_concentrated(900, 10_000, 10_000, 100_000) == pytest.approx(1 - 0.00023, abs=1e-4)


def test_without_cases_or_marks_there_is_no_surprise() -> None:
    assert p_concentrated(0, 0, 0, 0) == p_concentrated(0, 5, 0, 10) == p_concentrated(3, 10, 3, 10) == 1.0


@pytest.mark.parametrize("table", [(3, 2, 5, 9), (0, 8, 8, 9), (1, 11, 2, 10), (-1, 2, 2, 9)])
def test_counts_that_do_not_fit_are_refused(table: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"cannot lie in|must be a count"):
        p_concentrated(*table)
