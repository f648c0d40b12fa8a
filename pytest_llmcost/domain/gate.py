"""What a strategy is held to, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

Family = Literal["run", "suite"]
"""What tests of one metric are corrected for: all of the run, or those of their suite."""

ALL_SUITES = "all suites"
"""What stands in the place of a suite in the verdict on all of them."""


@dataclass(frozen=True, slots=True)
class QualityGate:
    """Largest accepted drop of the mean score, and its floor; both as shares of 1."""

    margin: float = 0.05
    min: float | None = None
    fail_on: str = "drop_of_margin"


@dataclass(frozen=True, slots=True)
class CostGate:
    """Largest accepted USD a case, and increase over the baseline (0.10 is ten per cent)."""

    max_usd_per_case: Decimal | None = None
    max_increase: float | None = None


@dataclass(frozen=True, slots=True)
class TokensGate:
    """Largest accepted increase of tokens over the baseline."""

    max_increase: float | None = None


@dataclass(frozen=True, slots=True)
class LatencyGate:
    """Largest accepted p95 of the answer and of its first token, and increase; only warns unless `fail`."""

    p95_seconds: float | None = None
    ttft_p95_seconds: float | None = None
    max_increase: float | None = None
    fail: bool = False


@dataclass(frozen=True, slots=True)
class ErrorsGate:
    """Largest accepted share of trials without an answer."""

    max_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Gate:
    """All bounds of one strategy."""

    quality: QualityGate = field(default_factory=QualityGate)
    cost: CostGate = field(default_factory=CostGate)
    tokens: TokensGate = field(default_factory=TokensGate)
    latency: LatencyGate = field(default_factory=LatencyGate)
    errors: ErrorsGate = field(default_factory=ErrorsGate)
    coverage_min: float | None = None


class Outcome(StrEnum):
    """What a verdict says."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class PercentileChange:
    """How a percentile of the cases' latencies changed; shown beside the verdict on latency, and never tested.

    Attributes:
        share: Which: 0.95 is the 95th.
        before, now: In seconds.
        ratio: Increase: 0.10 is a tenth more; `lower` and `upper`: its 90 % interval.
    """

    share: float
    before: float
    now: float
    ratio: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for one metric of one strategy of one suite, with its evidence.

    Attributes:
        reason: One sentence that a person can act on.
        basis: `bound` (floor or cap), `unchanged`, `exact`, `test`, `none`; only tests
            are corrected for their number.
        estimate: Change: of the mean score for quality, of the ratio less 1 for the others.
        lower, upper: Its 90 % interval.
        value, before: The metric now and in the baseline.
        p, p_adjusted: One-sided p of the FAIL test, raw and Holm-corrected.
        method: How p was found; empty where it is the usual way of the metric.
        possible: The largest drop that the cases do not exclude.
        n: Cases paired; `losses` and `gains` among them (graded: that score lower, and higher).
        groups: How many groups the paired cases make, if any two of them share one; else 0.
        trials: Of a case, before and now; the most of any.
        margin: The largest loss or increase accepted.
        counts: Whether it can fail the run; a warning cannot.
        needed: Cases (groups, where there are some) in all that would settle an inconclusive verdict, if more can.
        may_fail: Whether the change is large enough to fail, once its p is corrected.
        lost, won: Case ids that turned wrong, and right.
        grew: The five cases that added most; `grew_share`: their share of all that was added.
        suites: How many are pooled in the verdict on all; 0 in that on one.
        percentiles: Of latency: how the median changed, and the 95th percentile of 59 cases or more.
    """

    suite: str
    strategy: str
    metric: str
    outcome: Outcome
    reason: str
    basis: str = "none"
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    value: float | None = None
    before: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    n: int = 0
    losses: int = 0
    gains: int = 0
    margin: float | None = None
    counts: bool = True
    needed: int | None = None
    may_fail: bool = False
    method: str = ""
    possible: float | None = None
    groups: int = 0
    trials: tuple[int, int] = (1, 1)
    lost: tuple[str, ...] = ()
    won: tuple[str, ...] = ()
    grew: tuple[str, ...] = ()
    grew_share: float | None = None
    percentiles: tuple[PercentileChange, ...] = ()
    suites: int = 0

    @property
    def id(self) -> str:
        """The verdict's node id below its suite: `strategy::gate[metric]`; of all suites `gate[metric]`."""
        return f"{self.strategy}::gate[{self.metric}]" if self.strategy else f"gate[{self.metric}]"

    @property
    def is_better(self) -> bool:
        """Whether the answers got better, beyond doubt: the whole interval of a tested change is above zero."""
        return self.metric == "quality" and self.basis == "test" and self.lower is not None and self.lower > 0
