"""Numbers on the command line, checked as they are read."""

from __future__ import annotations

import argparse
import math
from decimal import Decimal, InvalidOperation


def inside(text: str) -> float:
    """Return a number above 0 and below 1, or refuse the command line."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: a number above 0 and below 1 is needed, such as 0.02")
    return value


def share(text: str) -> Decimal:
    """Return a number from 0 to 1, or refuse the command line."""
    if (value := _decimal(text)) is None or value > 1:
        raise argparse.ArgumentTypeError(f"{text!r}: a share from 0 to 1 is needed")
    return value


def amount(text: str) -> Decimal:
    """Return a number from 0 up, or refuse the command line."""
    if (value := _decimal(text)) is None:
        raise argparse.ArgumentTypeError(f"{text!r}: a number from 0 up is needed")
    return value


def _decimal(text: str) -> Decimal | None:
    """Return a number from 0 up, exactly as it was written; None for anything else."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None


def whole(text: str) -> int:
    """Return a whole number from 1 up, or refuse the command line."""
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number from 1 up is needed")
    return int(text)
