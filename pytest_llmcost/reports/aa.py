"""What an A/A simulation found, in words for a person and in JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from pytest_llmcost.gate.aa import MOST_TRIALS, Answer, Answers, Needed
from pytest_llmcost.gate.quality import unprovable
from pytest_llmcost.gate.rehearsal import Rate
from pytest_llmcost.gate.unchanged import Unchanged
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.table import usd


def aa_lines(answers: Answers, assumed: float) -> Iterator[str]:
    """Yield what each gate does when nothing changed, what it catches, and what more would take.

    Args:
        answers: Of a run.
        assumed: The discordance that was assumed where repeats did not say it.
    """
    for one in answers.each:
        yield from _of(one, assumed)
        yield ""
    if len(answers.each) > 1:
        together = f"the run: if nothing changed, any of its {len(answers.each)} verdicts on quality fails"
        yield f"{together} {_rate(answers.run_fails)}"
    yield "needed: an unchanged system then passes in about 80% of runs; USD a run, as if nothing were cached"


def _of(one: Answer, assumed: float) -> Iterator[str]:
    subject, system = one.subject, one.subject.system
    margin = subject.gate.margin
    yield f"{visible(subject.suite, 200)}::{visible(subject.strategy)}: {_size(system)}, margin {_points(margin)}"
    yield f"  two unchanged runs differ in {system.discordance:.1%} of the cases{_source(system, assumed)}"
    told = f"fails {_rate(one.fails)}, cannot tell {_rate(one.inconclusive)}, passes {_rate(one.passes)}"
    yield f"  if nothing changed: {told} of {one.fails.rounds:,} simulated runs"
    if one.drop is None or one.caught is None:
        yield "  no drop, however large, fails in 80% of runs"
    else:
        caught = f"{_rate(one.caught)} of {one.caught.rounds}"
        yield f"  smallest drop that fails in 80% of runs: {_points(one.drop)} ({caught})"
    if said := unprovable(system.groups, margin):
        yield f"  {said}"
    yield from (f"  {_needed(system, needed)}" for needed in one.needed)


def _size(system: Unchanged) -> str:
    groups = f" in {system.units} groups" if system.has_groups else ""
    trials = f", {system.trials:.3g} trials each" if system.trials > 1 else ""
    return f"{len(system.records)} cases{groups}{trials}"


def _source(system: Unchanged, assumed: float) -> str:
    if not system.is_assumed:
        return ", by its repeats" + (
            "" if system.discordance else ": no answer ever changed; --discordance assumes more"
        )
    if system.discordance < assumed - 0.0005:
        return f": {assumed:.1%} was assumed, but with a mean score of {system.mean_score:.1%} there can be no more"
    return ", as assumed (--discordance; a run with --llm-repeats=3 would show it)"


def _needed(system: Unchanged, needed: Needed) -> str:
    groups = f" in {needed.groups:,} groups" if needed.groups else ""
    told = f"needed for a margin of {_points(needed.margin)}: {needed.cases:,} cases{groups}, {_usd(needed.cases_usd)}"
    if needed.cases <= len(system.records):
        return f"{told}; there are enough"
    if needed.trials is None or needed.trials_usd is None:
        return f"{told}; {MOST_TRIALS} trials a case would not make up for them"
    return f"{told}; or {needed.trials} trials a case, {_usd(needed.trials_usd)}"


def _rate(rate: Rate) -> str:
    low, high = 100 * rate.interval.lower, 100 * rate.interval.upper
    return f"{rate.value:.1%} [{low:.1f}, {high:.1f}]"


def _points(share: float) -> str:
    return f"{100 * share:.3g} pt"


def _usd(amount: Decimal) -> str:
    return f"${usd(amount)}"


def aa_document(answers: Answers, notes: Sequence[str]) -> dict[str, Any]:
    """Return the same in JSON's types; shares of 1, and US dollars."""
    return {
        "strategies": [_document(one) for one in answers.each],
        "run_fails": _rate_document(answers.run_fails),
        "notes": list(notes),
    }


def _document(one: Answer) -> dict[str, Any]:
    system = one.subject.system
    return {
        "suite": one.subject.suite,
        "strategy": one.subject.strategy,
        "cases": len(system.records),
        "groups": system.units if system.has_groups else None,
        "trials": system.trials,
        "margin": one.subject.gate.margin,
        "discordance": system.discordance,
        "discordance_from": "assumption" if system.is_assumed else "repeats",
        "unchanged": {
            "fails": _rate_document(one.fails),
            "inconclusive": _rate_document(one.inconclusive),
            "passes": _rate_document(one.passes),
        },
        "smallest_drop": one.drop,
        "caught": _rate_document(one.caught) if one.caught else None,
        "needed": [_needed_document(needed) for needed in one.needed],
    }


def _rate_document(rate: Rate) -> dict[str, float]:
    interval = rate.interval
    return {"share": rate.value, "lower": interval.lower, "upper": interval.upper, "rounds": rate.rounds}


def _needed_document(needed: Needed) -> dict[str, Any]:
    return {
        "margin": needed.margin,
        "cases": needed.cases,
        "groups": needed.groups or None,
        "cases_usd": float(needed.cases_usd),
        "trials": needed.trials,
        "trials_usd": None if needed.trials_usd is None else float(needed.trials_usd),
    }
