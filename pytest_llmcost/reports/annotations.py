"""Annotations: commands to GitHub's log that put a message beside a line of a file."""

from __future__ import annotations

_IN_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = _IN_MESSAGE | {":": "%3A", ",": "%2C"}


def error_annotation(message: str, *, file: str, line: int, title: str) -> str:
    """Return the command that marks *line* of *file*, a path below the repository's root, as wrong."""
    properties = {"file": file, "line": str(line), "title": title}
    stated = ",".join(f"{name}={_escaped(value, _IN_PROPERTY)}" for name, value in properties.items())
    return f"::error {stated}::{_escaped(message, _IN_MESSAGE)}"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in text)
