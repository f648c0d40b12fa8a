"""Is the confidence worth anything? A cascade that listens to a useless one throws dice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pytest_llmcost.statistics.discrimination import area_interval, area_under_curve
from pytest_llmcost.statistics.intervals import Interval, wilson
from pytest_llmcost.strategies.learn.samples import Sample

BINS = 5


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same confidence: how often they say to be right, and how often they are.

    Attributes:
        claimed: Mean confidence.
        interval: Of the share that is right, 90 %.
    """

    count: int
    lowest: float
    highest: float
    claimed: float
    right: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Reliability:
    """How well a confidence tells right answers from wrong ones; one answer a case, that of its first trial.

    Attributes:
        area: Chance that a right answer is surer than a wrong one; None where all answers are right, or all wrong.
        interval: Of the area, 90 %.
        bins: The calibration curve, about as many answers in each.
        fault: Why the confidence is useless; empty where it is not.
    """

    right: int
    wrong: int
    area: float | None
    interval: Interval | None
    bins: tuple[Bin, ...]
    fault: str


def reliability_of(samples: Sequence[Sample], strategy: str) -> Reliability:
    """Return how far the confidence of *strategy* can be relied on; all samples have one."""
    answers = [
        (outcome.confidence, outcome.is_right)
        for sample in samples
        for outcome in sample.outcomes[strategy][:1]
        if outcome.confidence is not None
    ]
    right = [confidence for confidence, is_right in answers if is_right]
    wrong = [confidence for confidence, is_right in answers if not is_right]
    area = area_under_curve(right, wrong) if right and wrong else None
    interval = area_interval(area, len(right), len(wrong)) if area is not None else None
    return Reliability(len(right), len(wrong), area, interval, _bins(answers), _fault(answers, interval))


def _fault(answers: Sequence[tuple[float, bool]], interval: Interval | None) -> str:
    if len({confidence for confidence, _ in answers}) == 1:
        return f"it is the same for every answer, {answers[0][0]:g}"
    if interval is None or interval.lower > 0.5:
        return ""
    if interval.upper < 0.5:
        return "wrong answers are surer than right ones"
    return "right answers are not shown to be surer than wrong ones: the interval of its AUC covers 0.5"


def _bins(answers: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    """Return bins of about equal size; answers of one confidence stay together."""
    bins: list[list[tuple[float, bool]]] = []
    full = len(answers) / BINS
    for _, tied in groupby(sorted(answers), key=lambda answer: answer[0]):
        if not bins or len(bins[-1]) >= full:
            bins.append([])
        bins[-1] += tied
    return tuple(map(_bin, bins))


def _bin(answers: Sequence[tuple[float, bool]]) -> Bin:
    confidences = [confidence for confidence, _ in answers]
    count, right = len(answers), sum(is_right for _, is_right in answers)
    return Bin(
        count=count,
        lowest=confidences[0],
        highest=confidences[-1],
        claimed=sum(confidences) / count,
        right=right / count,
        interval=wilson(right, count),
    )
