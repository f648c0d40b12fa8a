"""Lines below a strategy that name cases, and tell how fast its answers come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.statistics.percentiles import percentile

MOST_NAMED = 1000
"""Cases that are gone and named, each; more are another suite."""
_NAMES_A_LINE = 8


def gone_lines(cases: Sequence[str]) -> Iterator[str]:
    """Yield lines that name all cases of the baseline that are in the suite no more: who deletes one has to see it."""
    told = f"{counted(len(cases), 'case')} of the baseline gone"
    for start in range(0, min(len(cases), MOST_NAMED), _NAMES_A_LINE):
        yield f"{told}: {', '.join(visible(case, 40) for case in cases[start : start + _NAMES_A_LINE])}"
        told = "gone, too"
    if len(cases) > MOST_NAMED:
        yield f"gone, too: {len(cases) - MOST_NAMED} more"


def pace_lines(trials: Sequence[Trial]) -> Iterator[str]:
    """Yield a line on streamed answers: how long their readers wait, and how fast they go on."""
    first = [seconds for trial in trials if (seconds := trial.ttft_seconds) is not None]
    if first:
        p50, p95 = (percentile(first, share) for share in (0.5, 0.95))
        rates = [rate for trial in trials for call in trial.calls[-1:] if (rate := call.tokens_per_second) is not None]
        later = f", then {percentile(rates, 0.5):,.0f} tokens a second (p50)" if rates else ""
        yield f"first token after {p50:.2f} s (p50), {p95:.2f} s (p95){later}"


def counted(number: int, noun: str) -> str:
    """Return `1 case`, `2 cases`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def some(cases: Sequence[str]) -> str:
    """Return the first five."""
    return ", ".join(cases[:5]) + (", ..." if len(cases) > 5 else "")
