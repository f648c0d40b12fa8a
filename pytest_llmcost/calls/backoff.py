"""How long to wait after a failure: doubling, bounded, and jittered, so that those who failed together part."""

from __future__ import annotations

FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 20.0


def backoff_seconds(failures: int, jitter: float) -> float:
    """Return the wait after so many failures in a row.

    Args:
        failures: From 1.
        jitter: In 0..1: where between half and all of the back-off the wait falls.
    """
    # An exponent without a bound would overflow.
    longest = min(FIRST_BACKOFF_SECONDS * 2.0 ** min(failures - 1, 10), LONGEST_BACKOFF_SECONDS)
    return longest * (1 + jitter) / 2
