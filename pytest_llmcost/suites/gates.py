"""What a strategy is held to: its own bounds over the suite's, key by key."""

from __future__ import annotations

from typing import Any, Literal

from pytest_llmcost.domain.gate import CostGate, ErrorsGate, Gate, LatencyGate, QualityGate, TokensGate
from pytest_llmcost.suites.tree.fields import Section

Written = Section | Literal[False] | None
"""A gate as read: bounds, `false`, or nothing."""


def gate_of(*written: Written) -> Gate | None:
    """Return the bounds of one strategy, or None where it is measured and never judged.

    Args:
        *written: What is said of it, the farthest first: the suite, the strategies that it uses, itself.
    """
    stated = [one for one in written if one is not None]
    if stated and stated[-1] is False:
        return None
    bounds: dict[str, dict[str, Any]] = {}
    for one in stated:
        if isinstance(one, Section):
            for metric, section in one.values.items():
                bounds.setdefault(metric, {}).update(section.values)
    return Gate(
        quality=QualityGate(**bounds.get("quality", {})),
        cost=CostGate(**bounds.get("cost", {})),
        tokens=TokensGate(**bounds.get("tokens", {})),
        latency=LatencyGate(**bounds.get("latency", {})),
        errors=ErrorsGate(**bounds.get("errors", {})),
        coverage_min=bounds.get("coverage", {}).get("min"),
    )
