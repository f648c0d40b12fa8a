"""A rate as somebody wrote it, made exact: a price is never a float."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from pytest_llmcost.domain.price import PER_MILLION

SMALLEST, LARGEST = Decimal("1e-15"), Decimal(10**9)


def rate(value: Any) -> Decimal:
    """Return *value* as it was written: 0.1 is a tenth, not the nearest binary fraction.

    Raises:
        ValueError: If it is no number, not finite, negative or beyond reason; the text says which.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("a number is needed")
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        raise ValueError("a number is needed") from None
    if not exact.is_finite():
        raise ValueError("a finite number is needed")
    if exact < 0:
        raise ValueError("a price cannot be negative")
    if exact and not SMALLEST <= exact <= LARGEST:
        raise ValueError(f"a price is 0 or from {SMALLEST} to {LARGEST}")
    return exact


def per_mtok(per_token: Decimal) -> Decimal:
    """Return a rate per token as one per million, written without exponent or idle zeros."""
    return Decimal(f"{(per_token * PER_MILLION).normalize():f}")
