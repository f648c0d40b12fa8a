"""Rows of the table, made in one line."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

from fakes.evidence import BLANK

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.reports.summary import StrategySummary


def verdict(metric: str, outcome: Outcome = Outcome.PASS, **changes: Any) -> Verdict:
    return dataclasses.replace(BLANK, metric=metric, outcome=outcome, **changes)


def row(*verdicts: Verdict, **changes: Any) -> StrategySummary:
    """A strategy with forty cases, which is judged by *verdicts*."""
    outcome = next(
        (
            o
            for o in (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NEW, Outcome.PASS)
            if any(v.counts and v.outcome is o for v in verdicts)
        ),
        None,
    )
    fields: dict[str, Any] = {
        "suite": "mail",
        "suite_path": "bench_mail.yaml",
        "strategy": "cheap",
        "cases": 40,
        "quality": 0.875,
        "lower": 0.766,
        "upper": 0.937,
        "usd": Decimal("0.0123"),
        "paid_usd": Decimal(0),
        "shared_usd": Decimal(0),
        "shared_calls": 0,
        "tokens": 20_320,
        "p50_seconds": 0.4,
        "p95_seconds": 1.25,
        "verdicts": {v.metric: v for v in verdicts},
        "outcome": outcome,
    }
    return StrategySummary(**(fields | changes))
