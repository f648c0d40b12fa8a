"""One way to write a value down, and one way to name it by its content."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: Any) -> str:
    """Return *value* as JSON with sorted keys and no spaces: equal values, equal text.

    Raises:
        ValueError: If it holds NaN or an infinity.
        TypeError: If it is not made of JSON's types.
    """
    return _CANONICAL.encode(value)


def digest(value: Any) -> str:
    """Return the SHA-256 of *value*'s canonical JSON, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()
