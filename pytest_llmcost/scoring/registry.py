"""The scorers that a suite may name."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmcost.domain.protocols import Scorer
from pytest_llmcost.scoring import text

SCORERS: Mapping[str, Scorer] = {"exact": text.exact, "label": text.label}
