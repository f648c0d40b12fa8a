"""Another model in a tier's place, or another prompt in a strategy's: the one sentence that a team needs."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.gate.explain import points
from pytest_llmcost.reports.safe import visible


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A strategy that answered through a tier whose model was exchanged for this run.

    Attributes:
        place: Suite and strategy; empty where the sentence can be of one alone.
        quality, cost: Its verdicts; None where there is none.
        seconds: The 95th percentile of the paired cases' latency before and now; below 59 cases the median; None
            without any.
        percentile: `p95` or `p50`.
    """

    tier: str
    model: str
    place: str
    quality: Verdict
    cost: Verdict | None
    seconds: tuple[float, float] | None
    percentile: str


@dataclass(frozen=True, slots=True)
class Reworded:
    """A strategy that differs from another one of its suite in the prompt alone.

    Attributes:
        before, now: Names of the two.
        place: Their suite; empty where it can be of one alone.
        quality: The verdict on the second, held against the first.
        tokens: Input and output of the paired cases, before and now.
    """

    before: str
    now: str
    place: str
    quality: Verdict
    tokens: tuple[float, float]


def reworded_line(one: Reworded) -> str:
    """Return `lean for wordy: 66 % fewer tokens, quality -0.4 pt [-1.9, +1.1]: safe, no drop of 5 pt`."""
    place = f", {visible(one.place, 200)}" if one.place else ""
    return f"{visible(one.now)} for {visible(one.before)}{place}: {_tokens(*one.tokens)}, {_safety(one.quality)}"


def _tokens(before: float, now: float) -> str:
    change = now / before - 1 if before else 0.0
    return f"{100 * abs(change):.0f} % {'more' if change > 0 else 'fewer'} tokens"


def _safety(v: Verdict) -> str:
    if v.estimate is None or v.margin is None or v.basis != "test":
        return f"quality: {visible(v.reason, 300)}"
    interval = "" if v.lower is None or v.upper is None else f" [{points(v.lower)}, {points(v.upper)}]"
    margin = f"{100 * v.margin:g} pt"
    told = {Outcome.PASS: f"safe, no drop of {margin}", Outcome.FAIL: "not safe, worse"}
    return f"quality {points(v.estimate)} pt{interval}: {told.get(v.outcome, f'cannot tell a drop of {margin}')}"


def exchanged_line(one: Exchanged) -> str:
    """Return `mid = new-model: quality -0.4 pt [-1.9, +1.1], not worse by more than 2 pt; cost -66 %; p95 -0.8 s`."""
    parts = [_quality(one.quality)]
    if one.cost is not None and one.cost.estimate is not None:
        parts.append(f"cost {100 * one.cost.estimate:+z.0f} %")
    elif one.cost is not None:
        parts.append(f"cost: {visible(one.cost.reason, 200)}")
    if one.seconds is not None:
        before, now = one.seconds
        parts.append(f"{one.percentile} {now - before:+z.1f} s")
    place = f", {visible(one.place, 200)}" if one.place else ""
    return f"{visible(one.tier)} = {visible(one.model, 100)}{place}: {'; '.join(parts)}"


def _quality(v: Verdict) -> str:
    if v.estimate is None or v.margin is None or v.basis == "unchanged":
        return f"quality: {visible(v.reason, 300)}"
    interval = "" if v.lower is None or v.upper is None else f" [{points(v.lower)}, {points(v.upper)}]"
    return f"quality {points(v.estimate)} pt{interval}, {_finding(v, f'{100 * v.margin:g} pt')}"


def _finding(v: Verdict, margin: str) -> str:
    if v.outcome is Outcome.FAIL:
        return "worse"
    if v.outcome is Outcome.PASS:
        return "better" if v.lower is not None and v.lower > 0 else f"not worse by more than {margin}"
    return f"cannot tell whether it is worse by {margin}"
