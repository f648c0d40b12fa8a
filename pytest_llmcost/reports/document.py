"""The report for programs: everything that the others show, under keys that stay (`llmcost-report/1`, docs/ci.md)."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from pytest_llmcost.domain.gate import Verdict
from pytest_llmcost.reports.report import Report, Reused
from pytest_llmcost.reports.summary import StrategySummary, Turned

FORMAT = "llmcost-report/1"

_LEFT_OUT = ("suite", "strategy", "may_fail")
"""Of a verdict: what its strategy says already, and what only matters on the way to it."""


def document_of(report: Report) -> dict[str, Any]:
    """Return a report in JSON's types; what is not known, or has no bound, is None."""
    header = report.header
    return {
        "format": FORMAT,
        "outcome": str(report.outcome),
        "title": report.title,
        "started": header.started,
        "commit": header.commit,
        "versions": dict(header.versions),
        "prices": {"date": header.prices_date, "sha256": header.prices_sha256},
        "baseline": report.baseline,
        "spent_usd": float(report.spent_usd),
        "reused": _reused(report.reused),
        "all_suites": [_verdict(verdict) for verdict in report.pooled],
        "strategies": [_strategy(row) for row in report.rows],
        "must_pass_lost": [
            {"suite": suite, "strategy": strategy, "case": case} for suite, strategy, case in report.must_pass_lost
        ],
        "alterations": [in_json(one) for one in report.alterations],
        "faults": list(report.faults),
        "notes": list(report.notes),
        "commands": list(report.commands),
    }


def document_text(report: Report) -> str:
    """Return the document as text, pure ASCII, which can be printed into any terminal or log."""
    text = json.dumps(document_of(report), indent=1, allow_nan=False)
    # `##[...]` commands some systems' logs. A number sign stands in texts alone, where its escape means the same.
    return text.replace("##", "\\u0023#") + "\n"


def _reused(reused: Reused) -> dict[str, Any]:
    share = reused.cached / reused.answers if reused.answers else None
    return {**_plain(reused), "share": share}


def _strategy(row: StrategySummary) -> dict[str, Any]:
    return {**_plain(row), "verdicts": [_verdict(verdict) for verdict in row.verdicts.values()]}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {name: value for name, value in _plain(verdict).items() if name not in _LEFT_OUT}


def _turned(turned: Turned) -> dict[str, Any]:
    known = {"before": turned.is_before_known, "now": turned.is_now_known}
    return {name: value for name, value in _plain(turned).items() if known.get(name, True)}


def _plain(thing: Any) -> dict[str, Any]:
    return {field.name: in_json(getattr(thing, field.name)) for field in dataclasses.fields(thing)}


def in_json(value: Any) -> Any:
    """Return a value in JSON's types: exact amounts as the nearest floats, what has no bound as None."""
    if isinstance(value, Decimal | Fraction):
        return float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, Turned):
        return _turned(value)
    if dataclasses.is_dataclass(value):
        return _plain(value)
    if isinstance(value, Mapping):
        return {str(key): in_json(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [in_json(inner) for inner in value]
    return value
