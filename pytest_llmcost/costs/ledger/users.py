"""A user is known by a keyed hash: the same one each time, and nobody without the key can tell who it is."""

from __future__ import annotations

import hashlib
import hmac

KEY_VARIABLE = "LLMCOST_USER_KEY"


def user_hash(user: str, key: str) -> str:
    """Return HMAC-SHA-256 of *user*, its first 128 bits; without a key, of which all names could be tried, nothing."""
    if not user or not key:
        return ""
    text = user.encode("utf-8", "surrogatepass")
    return hmac.new(key.encode("utf-8", "surrogatepass"), text, hashlib.sha256).hexdigest()[:32]
