"""The table `budgets`."""

from __future__ import annotations

import pytest

from pytest_llmcost.assembly.settings import read_key
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.spending import Plan


def test_budgets_are_amounts_a_day_and_a_month():
    assert read_key("", "budgets", {"daily_usd": 20, "monthly_usd": 400.5}) == Plan(20.0, 400.5)
    assert read_key("", "budgets", {"monthly_usd": 0}) == Plan(None, 0.0)


@pytest.mark.parametrize("wrong", [{"weekly_usd": 1}, {"daily_usd": -1}, {"daily_usd": "20"}, {"daily_usd": True}, 20])
def test_anything_else_is_refused(wrong):
    with pytest.raises(SettingsError, match="budgets"):
        read_key("[tool.llmcost] budgets", "budgets", wrong)
