"""Whole picodollars."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pytest_llmcost.calls.money import MOST_PICODOLLARS, cap_of, charge_of, usd_of, usd_text


def test_a_charge_is_rounded_up_and_a_cap_down():
    assert charge_of(Decimal("1e-13")) == 1
    assert cap_of(Decimal("1e-13")) == 0


def test_a_charge_comes_back_exactly():
    assert usd_of(charge_of(Decimal("0.123456789012"))) == Decimal("0.123456789012")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-0.01"])
def test_b03_what_is_no_amount_is_refused(amount):
    with pytest.raises(ValueError, match="no amount of money"):
        charge_of(Decimal(amount))


def test_more_than_a_run_can_mean_is_bounded():
    assert cap_of(Decimal("1e30")) == MOST_PICODOLLARS


@pytest.mark.parametrize(
    ("amount", "places", "text"),
    [
        ("0.5", 2, "$0.50"),
        ("0.0123", 4, "$0.0123"),
        ("0.499", 4, "$0.4990"),
        ("0.0000075", 4, "$0.0000075"),
        ("2", 2, "$2.00"),
    ],
)
def test_money_is_shown_with_all_its_digits(amount, places, text):
    assert usd_text(Decimal(amount), places) == text
