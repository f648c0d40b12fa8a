"""A tested verdict in one sentence that a person can act on."""

from __future__ import annotations

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.gate.evidence import ALPHA
from pytest_llmcost.statistics.paired import smallest_provable_margin

FEWEST_GROUPS_TO_FAIL = 5
"""With fewer the smallest p of a flip of whole groups, 2^-G, is above 0.05."""

ENOUGH_GROUPS = 10
"""With fewer a verdict says that it rests on little."""


def explain(verdict: Verdict) -> str:
    """Return the evidence of a tested verdict in words and numbers."""
    return _quality(verdict) if verdict.metric == "quality" else _increase(verdict)


def points(share: float) -> str:
    """Return a change of a share as percentage points: `-3.1`."""
    return f"{100 * share:+z.1f}"


def _quality(v: Verdict) -> str:
    if v.estimate is None or v.lower is None or v.upper is None or v.margin is None or v.possible is None:
        raise ValueError(f"a tested verdict carries its evidence: {v}")
    change = f"{points(v.estimate)} pt [{points(v.lower)}, {points(v.upper)}]"
    margin, few = f"{100 * v.margin:g} pt", _few_groups(v.groups)
    if v.is_better:
        change = f"better, {change}"
    if v.outcome is Outcome.PASS:
        return f"{change}: {_counts(v)}; no drop of {margin}{few}"
    if v.outcome is Outcome.FAIL:
        return f"worse, {change}: {_counts(v)}; {_p(v)}, margin {margin}{few}"
    unsettled = f"{_possible(v.possible, v.groups or v.n)}; {_settles(v, margin)}{_corrected(v)}{few}"
    if v.is_better:
        return f"{change}: {_counts(v)}; yet {unsettled}"
    # How many scored lower says little of graded scores: by how much, and how surely, has to stand beside it.
    seen = f"{change}: {_counts(v)}; {_p(v)}" if v.method else _counts(v)
    return f"cannot tell: {seen}; {unsettled}"


def _counts(v: Verdict) -> str:
    lower, higher = ("lower", "higher") if v.method else ("lost", "won")
    groups = f" in {v.groups} groups" if v.groups else ""
    suites = f"{' of' if groups else ' in'} {v.suites} suites" if v.suites else ""
    return f"{v.losses} {lower}, {v.gains} {higher} of {v.n}{groups}{suites}{_trials(*v.trials)}"


def _trials(before: int, now: int) -> str:
    if before == now:
        return f", means of {now} trials" if now > 1 else ""
    return f", means of {before} trial{'s' * (before > 1)} before and {now} now"


def _few_groups(groups: int) -> str:
    if 0 < groups < FEWEST_GROUPS_TO_FAIL:
        return f"; under {FEWEST_GROUPS_TO_FAIL} groups no drop can fail"
    return f"; {groups} groups are few: {ENOUGH_GROUPS} or more make it reliable" if 0 < groups < ENOUGH_GROUPS else ""


def _possible(drop: float, units: int) -> str:
    # So few cases may show no loss at all, and still cannot exclude the drop that they could not have shown.
    return f"a drop of some {100 * max(drop, smallest_provable_margin(units)):.0f} pt is possible"


def _settles(v: Verdict, margin: str) -> str:
    if v.needed is None:
        return f"more cases alone are not expected to settle {margin}"
    more, word = v.needed - (v.groups or v.n), "groups of such cases" if v.groups else "cases"
    return f"about {more} more {word} would settle {margin} if nothing changed"


def _corrected(v: Verdict) -> str:
    if not v.may_fail or v.p is None or v.p > ALPHA:
        return ""
    return f"; alone it would fail (p = {v.p:.4f}), corrected for the number of tests {_p(v)}"


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
    by = f" by {v.method}" if v.method else ""
    return f"p < 0.0001{by}" if p is None or p < 0.0001 else f"p = {p:.4f}{by}"
