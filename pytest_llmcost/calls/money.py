"""Money that is counted is whole: picodollars (1e-12 USD), charges rounded up and caps rounded down."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

MOST_PICODOLLARS = 2**61
"""2.3 million USD, more than a run can mean; the sum of three still fits into SQLite's integers."""


def charge_of(usd: Decimal) -> int:
    """Return an amount to be charged, in picodollars.

    Raises:
        ValueError: If it is negative or not a finite number.
    """
    return _whole(usd, ROUND_CEILING)


def cap_of(usd: Decimal) -> int:
    """Return a budget's cap in picodollars; raises as `charge_of`."""
    return _whole(usd, ROUND_FLOOR)


def usd_of(picodollars: int) -> Decimal:
    """Return US dollars, exact."""
    return Decimal(picodollars).scaleb(-12)


def usd_text(usd: Decimal, places: int = 4) -> str:
    """Return `$0.0123`: all digits that are not zero, and *places* decimals at least."""
    whole, _, decimals = f"{usd:f}".partition(".")
    return f"${whole}.{decimals.rstrip('0').ljust(places, '0')}"


def _whole(usd: Decimal, rounding: str) -> int:
    if not (usd.is_finite() and usd >= 0):
        raise ValueError(f"{usd} is no amount of money: a finite number from 0 is needed")
    return min(int(usd.scaleb(12).to_integral_value(rounding=rounding)), MOST_PICODOLLARS)
