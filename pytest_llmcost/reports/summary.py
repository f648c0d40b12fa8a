"""What a reader wants to know of one strategy, all in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.change import CostChange, QualityChange
from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.domain.metrics import LabelMetrics, RepeatMetrics
from pytest_llmcost.domain.prefix_use import PrefixUse


@dataclass(frozen=True, slots=True)
class Turned:
    """A case that scores otherwise than in the baseline.

    Attributes:
        before, now: The parsed answers; None where nothing could be parsed.
        is_before_known, is_now_known: Whether it could be told: files hold digests, no answers.
        place: Where the case stands: `line 24`, or `mails.csv:24`; may be empty.
        scores: Mean score before and now; None where both are simply right or wrong.
    """

    case: str
    expected: str
    before: str | None
    now: str | None
    is_before_known: bool = True
    is_now_known: bool = True
    place: str = ""
    scores: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class StrategySummary:
    """One row of the table, and what stands below it.

    Attributes:
        suite: The suite's name for display; `suite_path` says which it is.
        cases: Cases that have a score.
        quality: Their mean score; with `lower` and `upper`, its 90 % interval.
        usd: As if nothing were cached; `paid_usd`: what this run spent; both with `shared_usd`,
            the calls made once for the whole strategy.
        verdicts: By metric.
        lost, won: Cases that turned wrong, and right; graded: that score lower, and higher.
        is_gated: Whether it is held to anything; if so, no outcome means that none could be given.
        cost_change, quality_change: Why they moved since the baseline; None where there is nothing to compare with,
            or, for costs, a price is not known.
        p99_seconds: As p50 and p95, the nearest rank of the cases' latencies.
        error_rate: Share of trials without an answer or a score.
        coverage: Share of the baseline's cases that were asked again as they were; None without a baseline.
        prefix: What the providers' own caches of prompts did; None where nobody asked for them, and they did nothing.
        labels: Of a suite with labels; `repeats`: of one with several trials a case.
    """

    suite: str
    suite_path: str
    strategy: str
    cases: int
    quality: float | None
    lower: float | None
    upper: float | None
    usd: Decimal
    paid_usd: Decimal
    shared_usd: Decimal
    shared_calls: int
    tokens: int
    p50_seconds: float | None
    p95_seconds: float | None
    verdicts: Mapping[str, Verdict]
    outcome: Outcome | None
    lost: Sequence[Turned] = ()
    won: Sequence[Turned] = ()
    notes: Sequence[str] = ()
    is_partial: bool = False
    is_gated: bool = True
    cost_change: CostChange | None = None
    quality_change: QualityChange | None = None
    p99_seconds: float | None = None
    error_rate: float | None = None
    coverage: float | None = None
    labels: LabelMetrics | None = None
    repeats: RepeatMetrics | None = None
    prefix: PrefixUse | None = None
