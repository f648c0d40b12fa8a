"""A file may name another one: below the root directory, by its path from the file that names it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_llmcost.suites.tree.files import Unreadable, identity_of, read_text
from pytest_llmcost.suites.tree.nodes import Map, Refused, Scalar, json_of
from pytest_llmcost.suites.tree.plain import BadData, decoded, node_of
from pytest_llmcost.suites.tree.report import Report, Spot, shown

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def path_of(node: Scalar, report: Report) -> Path | None:
    """Return where the file is that *node* names; a path that is none of ours is reported."""
    written = node.raw
    if _URL.match(written):
        report.add(node, f"{shown(written)} is an address: the path of a file is needed")
    elif Path(written).is_absolute() or written.startswith(("/", "\\", "~")):
        report.add(node, f"path {shown(written)} is absolute. Write it from the folder of this file")
    else:
        return (report.root / (node.path or report.path)).parent / written
    return None


@contextmanager
def told(node: Scalar, path: Path, report: Report) -> Iterator[None]:
    """Report what cannot be read of the file at *path*, which *node* names; in it, or where it is named."""
    try:
        yield
    except Unreadable as error:
        if error.line:
            report.add(Spot(error.line, error.column, identity_of(path, report.root)), str(error))
        else:
            report.add(node, f"{shown(node.raw)}: {error}")


def text_at(node: Scalar, report: Report) -> Scalar | Refused:
    """Return the very text of the file that *node* names, with that file as its place."""
    path = path_of(node, report)
    if path is not None:
        with told(node, path, report):
            text = read_text(path, report.root)
            return Scalar(text, text, 1, 1, identity_of(path, report.root))
    return Refused(node.line, node.column, node.path)


def json_at(node: Scalar, report: Report) -> dict[str, Any] | None:
    """Return the JSON object in the file that *node* names, or None where it is reported."""
    text = text_at(node, report)
    if isinstance(text, Refused):
        return None
    try:
        value, end = decoded(text.raw)
        tree = node_of(value, Spot(1, 1, text.path))
    except BadData as error:
        report.add(Spot(error.line, error.column, text.path), str(error))
        return None
    if isinstance(tree, Map) and not text.raw[end:].strip():
        return dict(json_of(tree))
    report.add(text, "the file is no JSON object: { ... } is needed")
    return None
