"""From which confidence on the cheap answer may stand: the cheapest threshold that is shown to lose little enough."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmcost.domain.policy import PolicyStep, Way
from pytest_llmcost.strategies.learn.calibrated import Bound, Calibrated, Tried, walked
from pytest_llmcost.strategies.learn.samples import Sample

THRESHOLDS = tuple(step / 50 for step in range(50, -1, -1))
"""Fixed before any case is seen, from the safest down."""


def calibrate_thresholds(samples: Sequence[Sample], cheap: str, dear: str, bound: Bound) -> Calibrated:
    """Return the cascade from *cheap* to *dear* with the lowest cost that is shown to keep *bound*.

    The chance that it loses more is at most 1 - confidence: thresholds are tried from the safest down, each by
    its p-value, and the walk ends at the first that is not shown (docs/policies.md).

    Args:
        samples: Cases that both answered, at least one; those of the cheap strategy have a confidence.
        cheap: Asked first.
        dear: Asked where the first is not sure enough; the loss is measured against it.
        bound: What it may lose.
    """
    alone: Way = (PolicyStep(dear),)
    ways = [alone, *((PolicyStep(cheap, threshold), PolicyStep(dear)) for threshold in THRESHOLDS)]
    return walked((cheap, dear), bound, Tried(samples, alone, bound), ways)
