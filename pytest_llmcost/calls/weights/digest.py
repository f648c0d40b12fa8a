"""A file's SHA-256: the only name of weights that cannot lie."""

from __future__ import annotations

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the file's SHA-256, 64 hexadecimal digits; reads it once, in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
