"""What an A/A simulation found: a table for a person, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pytest_llmcost.gate.aa import MOST_TRIALS, Answer, Answers, Needed
from pytest_llmcost.gate.quality import unprovable
from pytest_llmcost.gate.rehearsal import Rate
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.table import NAME_WIDTH, ruled, usd

HEADERS = (
    "suite\n strategy",
    "cases\ntrials",
    "differ",
    "fails\n90 %",
    "cannot\ntell\npasses",
    "caught\n90 %",
    "margin",
    "cases\nneeded",
    "or trials\na case",
)


def render_aa(answers: Answers) -> str:
    """Return a row of two lines for each strategy, on 100 columns."""
    return ruled([HEADERS, *map(_cells, answers.each)], ("left", *["right"] * (len(HEADERS) - 1)))


def _cells(one: Answer) -> tuple[str, ...]:
    subject, system = one.subject, one.subject.system
    return (
        f"{visible(subject.title, NAME_WIDTH)}\n {visible(subject.strategy, NAME_WIDTH - 1)}",
        f"{len(system.records):,}\n{system.trials:.3g}",
        f"{system.discordance:.1%}\n{'assumed' if system.is_assumed else 'repeats'}",
        _rate(one.fails),
        f"{one.inconclusive.value:.1%}\n{one.passes.value:.1%}",
        "no drop" if one.drop is None or one.caught is None else f"{_points(one.drop)}\n{_interval(one.caught, 0)}",
        "\n".join(_points(needed.margin) for needed in one.needed),
        "\n".join(_cases(needed) for needed in one.needed),
        "\n".join(_trials(needed, one) for needed in one.needed),
    )


def _cases(needed: Needed) -> str:
    return f"{needed.cases:,} ${usd(needed.cases_usd)}"


def _trials(needed: Needed, one: Answer) -> str:
    if needed.cases <= len(one.subject.system.records):
        return "enough"
    return "-" if needed.trials_usd is None else f"{needed.trials} ${usd(needed.trials_usd)}"


def _rate(rate: Rate) -> str:
    return f"{rate.value:.1%}\n{_interval(rate)}"


def _interval(rate: Rate, digits: int = 1) -> str:
    return f"[{100 * rate.interval.lower:.{digits}f}, {100 * rate.interval.upper:.{digits}f}]"


def _points(share: float) -> str:
    return f"{100 * share:.3g} pt"


def aa_lines(answers: Answers, assumed: float) -> Iterator[str]:
    """Yield what the table's words mean, how sure it is, and what it cannot show.

    Args:
        answers: Of a run.
        assumed: The discordance that was assumed where repeats did not say it.
    """
    rounds = sorted({one.fails.rounds for one in answers.each}, reverse=True)
    yield f"fails, cannot tell, passes: if nothing changed, of {' or '.join(f'{n:,}' for n in rounds)} simulated runs"
    if len(answers.each) > 1:
        any_fails = f"{answers.run_fails.value:.1%} {_interval(answers.run_fails)}"
        yield f"the run: any of its {len(answers.each)} verdicts on quality fails in {any_fails} of them"
    yield "differ: cases that score otherwise in another run of the same; caught: the smallest drop of which 80 % fail"
    yield f"needed: an unchanged system then passes in 80 %; $: a run, as if uncached; -: over {MOST_TRIALS} trials"
    if any(one.subject.system.is_assumed for one in answers.each):
        yield f"assumed: {assumed:.1%} (--discordance); a run with --llm-repeats=3 shows what it is"
    for one in answers.each:
        yield from (
            f"{visible(one.subject.suite, 200)}::{visible(one.subject.strategy)}: {line}"
            for line in _said(one, assumed)
        )


def _said(one: Answer, assumed: float) -> Iterator[str]:
    system = one.subject.system
    if said := unprovable(system.groups, one.subject.gate.margin):
        yield said
    if system.has_groups:
        needed = ", ".join(f"{needed.groups:,} for {_points(needed.margin)}" for needed in one.needed)
        yield f"{system.units} groups count, not cases; needed are {needed}"
    if system.is_assumed and system.discordance < assumed - 0.0005:
        yield f"with a mean score of {system.mean_score:.1%} two unchanged runs can differ in no more"
    if not system.discordance:
        yield "no answer changed in its repeats; --discordance assumes that some do"


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
