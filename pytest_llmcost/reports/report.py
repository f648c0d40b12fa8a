"""A run's end as one value: what came of it, the evidence, and how to see it again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.alteration import Alteration
from pytest_llmcost.domain.avoided import Avoided
from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.domain.trial import RunHeader
from pytest_llmcost.reports.summary import StrategySummary

WORDS = {Outcome.PASS: "Passed", Outcome.FAIL: "Failed", Outcome.INCONCLUSIVE: "Cannot tell"}
"""With which of them a report begins; a report is never `new`."""


@dataclass(frozen=True, slots=True)
class Reused:
    """Answers that were made earlier: a cached answer may be old, or somebody else's.

    Attributes:
        cached: Answers of which every call came from the cache; `answers`: all that were given.
        usd: What the cached calls would have cost once more.
        origin: Where they were kept; empty where that is not known any more.
        avoided: All calls that were not made, by what spared them: caches, and strategies.
    """

    answers: int
    cached: int
    usd: Decimal
    origin: str = ""
    avoided: Sequence[Avoided] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A judged run, for reports of every kind.

    Attributes:
        outcome: Pass, fail or inconclusive, and never new.
        why: What decides it, in a few words of our own: numbers, and no names.
        header: Versions, commit, prices.
        baseline: What was compared with.
        rows: A strategy each, in the order of the suites.
        pooled: The verdict on all suites together, where there is one.
        spent_usd: What the run paid.
        must_pass_lost: Ids of cases that must pass and are wrong, each with its suite and strategy before it.
        faults: What went wrong beside the verdicts; each fails the run.
        notes: What must be known of the run.
        commands: What to type to see it again.
        alterations: What a change does to its own judge; none where it is not held against its base.
    """

    outcome: Outcome
    why: str
    header: RunHeader
    baseline: str
    rows: Sequence[StrategySummary]
    spent_usd: Decimal
    reused: Reused
    must_pass_lost: Sequence[tuple[str, str, str]] = ()
    faults: Sequence[str] = ()
    notes: Sequence[str] = ()
    commands: Sequence[str] = ()
    alterations: Sequence[Alteration] = ()
    pooled: Sequence[Verdict] = ()

    @property
    def title(self) -> str:
        """The first line: `Passed`, `Failed` or `Cannot tell`, and why."""
        return f"{WORDS[self.outcome]}: {self.why}"


def conclude(
    rows: Sequence[StrategySummary],
    *,
    pooled: Sequence[Verdict] = (),
    faults: int = 0,
    failed_tests: int = 0,
    unjudged: str = "",
    inconclusive_fails: bool = False,
) -> tuple[Outcome, str]:
    """Return what a run as a whole comes to, and why.

    Args:
        rows: Its strategies, judged.
        pooled: The verdict on all suites together, where there is one.
        faults: How many things went wrong beside the verdicts.
        failed_tests: Tests that failed, cases that must pass among them.
        unjudged: Why no verdict was given; empty where there are some.
        inconclusive_fails: Whether a verdict that cannot tell fails the run.
    """
    gated = [row for row in rows if row.outcome is not None]
    failing = {Outcome.FAIL, Outcome.INCONCLUSIVE} if inconclusive_fails else {Outcome.FAIL}
    failed = [row for row in gated if row.outcome in failing]
    why = [
        _of_all(failed, gated, "fails", "fail"),
        "all suites together fail" if _any(pooled, failing) else "",
        _counted(failed_tests, "test failed", "tests failed"),
        _counted(faults, "fault", "faults"),
    ]
    if any(why):
        return Outcome.FAIL, "; ".join(filter(None, why))
    if unjudged:
        return Outcome.INCONCLUSIVE, f"no verdict: {unjudged}"
    unsure = [row for row in gated if row.outcome is Outcome.INCONCLUSIVE]
    why = [
        _of_all(unsure, gated, "is inconclusive", "are inconclusive"),
        "all suites together are inconclusive" if _any(pooled, {Outcome.INCONCLUSIVE}) else "",
    ]
    if any(why):
        return Outcome.INCONCLUSIVE, "; ".join(filter(None, why))
    new = [row for row in gated if row.outcome is Outcome.NEW]
    if new == gated:
        return Outcome.INCONCLUSIVE, "no baseline to compare with" if new else "nothing was judged"
    passed = _of_all([row for row in gated if row.outcome is Outcome.PASS], gated, "passes", "pass")
    return Outcome.PASS, f"{passed}, {len(new)} without a baseline" if new else passed


def _any(verdicts: Iterable[Verdict], outcomes: Collection[Outcome]) -> bool:
    return any(verdict.counts and verdict.outcome in outcomes for verdict in verdicts)


def _of_all(some: Sequence[StrategySummary], rows: Sequence[StrategySummary], does: str, do: str) -> str:
    if not some:
        return ""
    metrics = {v.metric: None for row in some for v in row.verdicts.values() if v.counts and v.outcome is row.outcome}
    told = f" ({', '.join(metrics)})" if some[0].outcome is not Outcome.PASS else ""
    number = f"{len(some)} of {len(rows)} strategies" if len(rows) > 1 else "the one strategy"
    return f"{number} {does if len(some) == 1 else do}{told}"


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}" if number else ""
