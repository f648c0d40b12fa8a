"""Strategies beside each other on the same cases: where each stands, and what each pair of them tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pytest_llmcost.domain.change import CostChange, QualityChange


class Finding(StrEnum):
    """What a paired comparison of quality found; words as users read them."""

    UNCHANGED = "unchanged"
    """The same strategy gave the same answers."""
    BETTER = "better"
    NOT_WORSE = "not worse"
    """A drop of the margin is excluded."""
    WORSE = "worse"
    """The drop is no accident, and one of the margin is not excluded."""
    UNTOLD = "cannot tell"


@dataclass(frozen=True, slots=True)
class Moved:
    """A measure on both sides.

    Attributes:
        before, now: Its mean over the paired cases; of latency their median.
        increase: As a share of before (0.10 is a tenth more); None where that is nothing, or cannot be told.
        lower, upper: Its 90 % interval; None where there is none.
    """

    before: float
    now: float
    increase: float | None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Contrast:
    """What the cases that two strategies share tell of the second against the first.

    Attributes:
        before, now: Names of the two.
        margin: The largest drop that is accepted; `margin_from` says who accepts it.
        n: Cases paired; those that score lower are `lost`, those that score higher `won`.
        estimate: Change of the mean score, with its 90 % interval.
        p_worse, p_better, p_not_worse: One-sided, each Holm-corrected over all comparisons that were asked for.
        reason: Why it cannot be told, where that is no matter of chance.
        cost: None where a price is not known.
        p95_seconds: Before and now; None below 59 cases.
        grew: The five cases whose cost grew most; `grew_share`: their share of all that was added.
    """

    before: str
    now: str
    finding: Finding
    margin: float
    margin_from: str
    n: int
    lost: tuple[str, ...] = ()
    won: tuple[str, ...] = ()
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    p_worse: float | None = None
    p_better: float | None = None
    p_not_worse: float | None = None
    reason: str = ""
    cost: Moved | None = None
    tokens: Moved | None = None
    latency: Moved | None = None
    p95_seconds: tuple[float, float] | None = None
    grew: tuple[str, ...] = ()
    grew_share: float | None = None
    cost_change: CostChange | None = None
    quality_change: QualityChange | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one strategy stands, on the cases that all of its suite's strategies answered.

    Attributes:
        name: As others refer to it: `careful`, or `B::careful` where there are several sides.
        quality: Mean score, with its 90 % interval.
        usd: A case, in US dollars; None where a price is not known.
        tokens: A case. `p95_seconds` is None below 59 cases.
        beaten_by: Those that are no worse in quality, cost and latency, and better in one; none on the Pareto front.
        unanswered: Cases of it that have no score, and are left out.
    """

    name: str
    model: str
    quality: float
    lower: float
    upper: float
    usd: float | None
    tokens: float
    p50_seconds: float
    p95_seconds: float | None
    beaten_by: tuple[str, ...] = ()
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a month may cost, and how many requests it has."""

    usd: float
    requests: int

    @property
    def usd_a_case(self) -> float:
        """What one request may cost."""
        return self.usd / self.requests


@dataclass(frozen=True, slots=True)
class SuiteComparison:
    """The strategies of one suite beside each other.

    Attributes:
        cases: How many all of them answered; `standings` rest on these.
        notes: What must be known to read it.
        cheapest, fastest: Of those that reach the wanted quality, by name; None where none does, or none was wanted.
        best: Of those that a month's allowance pays for, by name; None likewise.
    """

    suite: str
    cases: int
    standings: tuple[Standing, ...]
    contrasts: tuple[Contrast, ...]
    notes: tuple[str, ...] = ()
    cheapest: str | None = None
    fastest: str | None = None
    best: str | None = None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """All that `llmcost compare` found.

    Attributes:
        sides: What was compared, by letter, where there are several.
        quality: The quality that was wanted of the cheapest and the fastest, within 0..1.
        allowance: What the best may cost.
    """

    suites: tuple[SuiteComparison, ...]
    sides: Mapping[str, str] = field(default_factory=dict)
    quality: float | None = None
    notes: tuple[str, ...] = ()
    allowance: Allowance | None = None
