"""Who sees the new way: decided by a digest of the user, so that every process and language decides alike."""

from __future__ import annotations

import hashlib

from pytest_llmcost.domain.errors import SettingsError

TREATMENT, CONTROL = "treatment", "control"
_DIGITS = 13
"""Hexadecimal digits of the digest: 52 bits, which a double holds exactly, in every language."""
_SEPARATOR = "\n"


def assign_variant(user_id: str | int, experiment: str, share: float) -> str:
    """Return `"treatment"` for about *share* of all users, else `"control"`; for the same user always the same.

    The rule, for any language: take the SHA-256 of the UTF-8 text EXPERIMENT, a line feed (U+000A), USER_ID; read
    the first 13 digits of its lower-case hexadecimal form as a number; divide by 2^52. Below *share* is treatment.

        >>> assign_variant("user-1", "new-model", 0.5)
        'treatment'

    A larger share only adds users to the treatment, a smaller one only takes some away, so that a ramp from 1 % to
    100 % moves nobody back and forth. Experiments are independent of each other. `docs/policies.md` has test vectors.

    Args:
        user_id: What a user is known by for good; a whole number is its decimal digits.
        experiment: Its name, on one line; another name deals anew.
        share: Of users in the treatment, 0..1.

    Raises:
        SettingsError: If *share* is no number from 0 to 1, *experiment* is empty or has several lines, or *user_id*
            is empty or of another type.
    """
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise SettingsError(f"share is {share!r}: a number from 0 to 1 is needed, as 0.1.", key="share")
    if not isinstance(experiment, str) or not experiment or _SEPARATOR in experiment:
        raise SettingsError(f"experiment is {experiment!r}: a name on one line is needed.", key="experiment")
    if isinstance(user_id, bool) or not isinstance(user_id, str | int) or user_id == "":
        raise SettingsError(f"user_id is {user_id!r}: a text or a whole number is needed.", key="user_id")
    return TREATMENT if _place(f"{experiment}{_SEPARATOR}{user_id}") < share else CONTROL


def _place(text: str) -> float:
    """Return where *text* lies between 0 and 1, exactly."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return int(digest[:_DIGITS], 16) / float(1 << 4 * _DIGITS)
