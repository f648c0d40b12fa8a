"""A tested verdict in one sentence that a person can act on."""

from __future__ import annotations

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.gate.quality import ALPHA
from pytest_llmcost.statistics.paired import smallest_provable_margin


def explain(verdict: Verdict) -> str:
    """Return the evidence of a tested verdict in words and numbers."""
    return _quality(verdict) if verdict.metric == "quality" else _increase(verdict)


def points(share: float) -> str:
    """Return a change of a share as percentage points: `-3.1`."""
    return f"{100 * share:+z.1f}"


def _quality(v: Verdict) -> str:
    if v.estimate is None or v.lower is None or v.upper is None or v.margin is None or v.p is None:
        raise ValueError(f"a tested verdict carries its evidence: {v}")
    counts = f"{v.losses} lost, {v.gains} won of {v.n}"
    change = f"{points(v.estimate)} pt [{points(v.lower)}, {points(v.upper)}]"
    margin = f"{100 * v.margin:g} pt"
    if v.outcome is Outcome.PASS:
        better = "better, " if v.lower > 0 else ""
        return f"{better}{change}: {counts}; no drop of {margin}"
    if v.outcome is Outcome.FAIL:
        return f"worse, {change}: {counts}; {_p(v)}, margin {margin}"
    return f"cannot tell: {counts}; {_possible(v.lower, v.n)}; {_settles(v, margin)}{_corrected(v)}"


def _possible(lower: float, n: int) -> str:
    # So few cases may show no loss at all, and still cannot exclude the drop that they could not have shown.
    return f"a drop of some {100 * max(-lower, smallest_provable_margin(n)):.0f} pt is possible"


def _settles(v: Verdict, margin: str) -> str:
    if v.needed is not None:
        return f"about {v.needed - v.n} more cases would settle {margin} if nothing changed"
    return f"more cases alone are not expected to settle {margin}"


def _corrected(v: Verdict) -> str:
    if not v.may_fail or v.p is None or v.p > ALPHA:
        return ""
    return f"; alone it would fail (p = {v.p:.4f}), among this run's tests {_p(v)}"


def _increase(v: Verdict) -> str:
    if v.estimate is None or v.lower is None or v.upper is None or v.margin is None:
        raise ValueError(f"a tested verdict carries its evidence: {v}")
    change = f"{v.estimate:+z.1%} [{v.lower:+z.1%}, {v.upper:+z.1%}] over {v.n} cases"
    accepted = f"accepted {100 * v.margin:+g}%"
    if v.outcome is Outcome.PASS:
        return f"{change}; {accepted}"
    if v.outcome is Outcome.FAIL:
        return f"more, {change}; {_p(v)}, {accepted}"
    return f"cannot tell: {change}; {accepted}{_corrected(v)}"


def _p(v: Verdict) -> str:
    p = v.p_adjusted if v.p_adjusted is not None else v.p
    return "p < 0.0001" if p is None or p < 0.0001 else f"p = {p:.4f}"
