import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.statistics.multiplicity import benjamini_hochberg, holm

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())

p_values = st.lists(st.floats(0, 1), max_size=30)


@pytest.mark.parametrize("row", GOLDEN["holm_bh"])
def test_adjusted_values_agree_with_statsmodels(row):
    assert holm(row["p"]) == pytest.approx(row["holm"], rel=1e-6)
    assert benjamini_hochberg(row["p"]) == pytest.approx(row["bh"], rel=1e-6)


@given(p_values)
def test_adjusting_only_raises_and_holm_raises_most(raw):
    for p, middle, high in zip(raw, benjamini_hochberg(raw), holm(raw), strict=True):
        assert p <= middle <= high * (1 + 1e-12) <= 1 + 1e-12


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@given(raw=p_values)
def test_a_smaller_p_value_stays_the_smaller(adjust, raw):
    in_raw_order = [adjusted for _, adjusted in sorted(zip(raw, adjust(raw), strict=True))]
    assert in_raw_order == sorted(in_raw_order)


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_one_test_costs_nothing_and_none_is_fine(adjust):
    assert adjust([0.03]) == (0.03,)
    assert adjust([]) == ()


def test_twenty_unchanged_suites_go_red_in_5_percent_of_runs_not_in_64():
    """5,000 seeded runs."""
    random = Random(31)
    runs = [[random.random() for _ in range(20)] for _ in range(5_000)]
    assert sum(min(holm(run)) <= 0.05 for run in runs) / 5_000 <= 0.06
    assert sum(min(run) <= 0.05 for run in runs) / 5_000 > 0.6
