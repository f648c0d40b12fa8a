"""Reports, made in one line."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.domain.trial import RunHeader
from pytest_llmcost.reports.report import Report, Reused
from pytest_llmcost.reports.summary import StrategySummary

HEADER = RunHeader(
    started="2026-01-31T12:00:00+00:00",
    versions={"pytest-llmcost": "0.1.0", "python": "3.11.9"},
    commit="4474140",
    strategies={},
    prices_date="litellm 1.106.2",
    prices_sha256="12" * 32,
)


def report(*rows: StrategySummary, **changes: Any) -> Report:
    """A report that passes, on *rows*."""
    fields: dict[str, Any] = {
        "outcome": Outcome.PASS,
        "why": "the one strategy passes",
        "header": HEADER,
        "baseline": "the baselines in llm_baselines/ beside the suites",
        "rows": rows,
        "spent_usd": Decimal("0.0123"),
        "reused": Reused(40, 10, Decimal("0.003"), ".llmcost/cache"),
    }
    return Report(**(fields | changes))


def tokens_of(markdown: str) -> Iterator[Token]:
    """Yield every token of a page as GitHub would read it, inline ones too."""
    page = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)
    for token in page:
        yield token
        yield from token.children or ()
