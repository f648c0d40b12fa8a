"""Who answered how often, and what escalating really cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.table import usd

MOST_STEPS = 6
"""Steps of one strategy that are named; a route by many values has more."""


def step_lines(trials: Sequence[Trial]) -> Iterator[str]:
    """Yield a line on a composed strategy: the share of each step, and of escalations with their true cost.

    The naive formula counts the call that was answered with alone; each escalated answer has paid others, too.
    """
    composed = [trial for trial in trials if trial.steps]
    if not composed:
        return
    answered = Counter(trial.steps[-1].name for trial in composed)
    shares = [f"{visible(name, 40)} {_share(count, len(composed))}" for name, count in answered.most_common(MOST_STEPS)]
    if len(answered) > MOST_STEPS:
        shares.append(f"{len(answered) - MOST_STEPS} more")
    line = f"answered by {', '.join(shares)}"
    escalated = sum(len(trial.steps) > 1 for trial in composed)
    true_usd = usd(sum((trial.usd for trial in composed), Decimal(0)))
    naive_usd = usd(sum(map(_naive_usd, composed), Decimal(0)))
    if escalated:
        line += f"; {_share(escalated, len(composed))} escalated"
    if true_usd != naive_usd:
        line += f"; ${true_usd}, not ${naive_usd} (the answering calls alone)"
    yield line


def is_cascade(trials: Sequence[Trial]) -> bool:
    """Return whether these answers are a cascade's: all begin with the same step, and some go on to another."""
    firsts = {trial.steps[0].name if trial.steps else "" for trial in trials}
    return len(firsts) == 1 and any(len(trial.steps) > 1 for trial in trials)


def _naive_usd(trial: Trial) -> Decimal:
    """Return what the answering call costs: the first one of the step that answered."""
    last = trial.steps[-1].calls
    return trial.calls[-last].usd if last else Decimal(0)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %"
