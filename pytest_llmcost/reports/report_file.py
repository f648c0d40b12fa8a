"""A report as a file: its suffix says of which kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pytest_llmcost.domain.whole_file import write_whole
from pytest_llmcost.reports.document import document_text
from pytest_llmcost.reports.markdown import render_markdown
from pytest_llmcost.reports.report import Report

RENDERERS: Mapping[str, Callable[[Report], str]] = {".md": render_markdown, ".json": document_text}


def write_report(path: Path, report: Report) -> None:
    """Write a report whole or not at all, in the form that the path's suffix names; its folder is made.

    Raises:
        OSError: If the file cannot be written; what was there before is whole.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, [RENDERERS[path.suffix](report).encode("utf-8")])
