"""Of which kind a report is, told by the name of its file."""

from __future__ import annotations

from pathlib import PurePath

SUFFIXES = (".md", ".json")
NOT_YET = (".html",)


def why_no_report(path: str) -> str:
    """Return why there is no report of such a name; empty where there is one."""
    suffix = PurePath(path).suffix
    if suffix in SUFFIXES:
        return ""
    if suffix in NOT_YET:
        return f"{path}: {suffix} is not supported yet; {' and '.join(SUFFIXES)} are"
    return f"{path}: a report's name ends in {' or '.join(SUFFIXES)}"
