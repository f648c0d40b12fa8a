"""Numbers on the command line, checked as they are read."""

from __future__ import annotations

import argparse
import math


def inside(text: str) -> float:
    """Return a number above 0 and below 1, or refuse the command line."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: a number above 0 and below 1 is needed, such as 0.02")
    return value


def whole(text: str) -> int:
    """Return a whole number from 1 up, or refuse the command line."""
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number from 1 up is needed")
    return int(text)
