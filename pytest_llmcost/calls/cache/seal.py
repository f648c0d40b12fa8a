"""Who knows a secret can tell its own answers from planted ones: each is stored with a digest keyed by it."""

from __future__ import annotations

import hashlib
import hmac
import re

VARIABLE = "LLMCOST_CACHE_SECRET"
"""The environment variable that holds the secret: no file may."""

_SEALED = re.compile(r"([0-9a-f]{64}) ")


class BrokenSeal(Exception):
    """A text that was not stored by somebody who knows the secret; its text says how that is known."""


class Seal:
    """Seals texts for a cache that others may write to; without a secret texts go as they are.

    Args:
        secret: Known to everybody whose answers are trusted; empty where there is none.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode("utf-8", "surrogateescape")

    def close(self, key: str, text: str) -> str:
        """Return a text as it is stored under *key*: no other key can be given to it."""
        return f"{self._digest(key, text)} {text}" if self._secret else text

    def open(self, key: str, stored: str) -> str:
        """Return the text that was stored; without a secret a seal is not looked at.

        Raises:
            BrokenSeal: If it has no seal of ours.
        """
        found = _SEALED.match(stored)
        text = stored[found.end() :] if found else stored
        if not self._secret:
            return text
        if found is None:
            raise BrokenSeal(f"it is not sealed with {VARIABLE}")
        if not hmac.compare_digest(found[1], self._digest(key, text)):
            raise BrokenSeal(f"its seal is of another {VARIABLE}, or of another answer")
        return text

    def _digest(self, key: str, text: str) -> str:
        return hmac.new(self._secret, f"{key}\n{text}".encode(), hashlib.sha256).hexdigest()
