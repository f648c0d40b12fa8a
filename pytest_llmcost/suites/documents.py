"""Documents that a suite names by patterns: text files below the root directory, as many and as long as can be read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from pytest_llmcost.domain.context import Document
from pytest_llmcost.suites.tree.files import read_text
from pytest_llmcost.suites.tree.nodes import List, Node, Scalar
from pytest_llmcost.suites.tree.references import path_of, told
from pytest_llmcost.suites.tree.report import Report, shown

MOST_DOCUMENTS = 10_000
MOST_CHARACTERS = 2_000_000
"""Of one document: a thousand pages."""
MOST_IN_ALL = 20_000_000

_WILD = re.compile(r"[*?\[]")
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def documents_at(node: Node, report: Report) -> tuple[Document, ...]:
    """Return the documents that a pattern, or each of a list of them, names, by their sources.

    What is wrong is reported: a pattern that matches nothing, a file that is missing, outside
    of the root directory, no regular file, no text, or too large; too many or too much of them.
    """
    found: dict[str, Document] = {}
    characters = 0
    for pattern in node.items if isinstance(node, List) else [node]:
        assert isinstance(pattern, Scalar), "documents are named by texts"
        for source, path in _named(pattern, report):
            document = _document(pattern, source, path, report) if source not in found else None
            if document is not None:
                found[source] = document
                characters += len(document.text)
            if len(found) > MOST_DOCUMENTS or characters > MOST_IN_ALL:
                most = f"{MOST_DOCUMENTS:,} documents, or {MOST_IN_ALL:,} characters"
                report.add(pattern, f"{shown(pattern.raw)}: more than {most}. Name fewer files")
                return ()
    return tuple(found[source] for source in sorted(found))


def _named(pattern: Scalar, report: Report) -> list[tuple[str, Path]]:
    """Return the files that *pattern* names, each with its path from the folder of the file that names it."""
    at = path_of(pattern, report)
    if at is None:
        return []
    folder = (report.root / (pattern.path or report.path)).parent
    if not _WILD.search(pattern.raw):
        return [(_source(at, folder), at)]
    parts = PurePosixPath(pattern.raw).parts
    wild = next(place for place, part in enumerate(parts) if _WILD.search(part))
    base = Path(os.path.abspath(folder.joinpath(*parts[:wild])))
    if ".." in parts[wild:] or not base.is_relative_to(os.path.abspath(report.root)):
        report.add(pattern, f"{shown(pattern.raw)} is not below {report.root.resolve()}. Move the files there")
        return []
    files = (path for path in base.glob(str(PurePosixPath(*parts[wild:]))) if not path.is_dir())
    named = [(_source(path, folder), path) for path in islice(files, MOST_DOCUMENTS + 1)]
    if not named:
        report.add(pattern, f"documents {shown(pattern.raw)} are not there: no file matches. Check the path")
    return sorted(named)


def _source(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()


def _document(pattern: Scalar, source: str, path: Path, report: Report) -> Document | None:
    at = Scalar(source, source, pattern.line, pattern.column, pattern.path)
    with told(at, path, report):
        text = read_text(path, report.root)
        for why in _why_unfit(text):
            report.add(at, f"document {shown(source)} {why}")
            return None
        return Document(source, text)
    return None


def _why_unfit(text: str) -> Iterator[str]:
    if len(text) > MOST_CHARACTERS:
        yield f"has {len(text):,} characters: at most {MOST_CHARACTERS:,} are read. Split it"
    elif found := _NO_TEXT.search(text):
        yield f"is no text: it holds the byte 0x{ord(found[0]):02X}. Name text files alone"
    elif not text.strip():
        yield "is empty. Fill it, or name other files"
