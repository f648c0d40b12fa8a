"""The name of one call, by which its record is found and its outcome reported."""

from __future__ import annotations

import secrets
import time


def new_call_id() -> str:
    """Return a name that nobody else has; later ones sort behind earlier ones, which keeps an index of them small."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(8)}"
