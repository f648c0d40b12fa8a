"""What a strategy is held to: its own bounds over the suite's, key by key."""

from __future__ import annotations

from typing import Any, Literal

from pytest_llmcost.domain.gate import CostGate, ErrorsGate, Gate, LatencyGate, QualityGate, TokensGate
from pytest_llmcost.suites.tree.fields import Section

Written = Section | Literal[False] | None
"""A gate as read: bounds, `false`, or nothing."""


def gate_of(suite: Written, own: Written) -> Gate | None:
    """Return the bounds of one strategy, or None where it is measured and never judged."""
    nearest = suite if own is None else own
    if nearest is False:
        return None
    bounds: dict[str, dict[str, Any]] = {}
    for written in (suite, own):
        if isinstance(written, Section):
            for metric, section in written.values.items():
                bounds.setdefault(metric, {}).update(section.values)
    return Gate(
        quality=QualityGate(**bounds.get("quality", {})),
        cost=CostGate(**bounds.get("cost", {})),
        tokens=TokensGate(**bounds.get("tokens", {})),
        latency=LatencyGate(**bounds.get("latency", {})),
        errors=ErrorsGate(**bounds.get("errors", {})),
        coverage_min=bounds.get("coverage", {}).get("min"),
    )
