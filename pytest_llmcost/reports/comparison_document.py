"""A comparison as JSON, for programs."""

from __future__ import annotations

from typing import Any

from pytest_llmcost.domain.comparison import SideBySide
from pytest_llmcost.reports.document import in_json

FORMAT = "llmcost-comparison/1"


def comparison_document(found: SideBySide) -> dict[str, Any]:
    """Return all that was found in JSON's types; amounts are US dollars, exact ones as the nearest floats."""
    return {"format": FORMAT, **in_json(found)}
