"""One case of one strategy, all its trials together: what is paired, on either side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.price import Price, cost_of
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.domain.usage import Usage

DIGITS = 6
"""Of a digest, as many as a file that people review can bear: a change goes unseen once in 16 million."""


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """What a strategy did on a case.

    Attributes:
        fingerprint: Six hexadecimal digits of the case's.
        scores: Of the trials that have one, in the order of the trials.
        answers: Six hexadecimal digits of the digest of all its parsed answers.
        usage: Tokens by model, added up over the trials.
        seconds: Answer latency, added up over the trials.
        ttft_seconds: Time to the first token, added up likewise; None where a trial's was not measured. No part
            of a baseline: it is held to a bound alone.
        unanswered: Trials without an answer or a score.
        calls: Calls by model, added up likewise, where there are not as many as trials.
        each_seconds: Latency by model, added up likewise, where there are several: some may be priced by the hour.
    """

    case: str
    strategy: str
    fingerprint: str
    scores: tuple[float, ...]
    answers: str
    usage: Mapping[str, Usage] = field(default_factory=dict)
    seconds: float = 0.0
    unanswered: int = 0
    ttft_seconds: float | None = None
    calls: Mapping[str, int] = field(default_factory=dict)
    each_seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def mean_score(self) -> float:
        """The mean over its trials: repeats are no further cases."""
        return self.scores[0] if len(self.scores) == 1 else sum(self.scores) / len(self.scores)

    @property
    def is_scored(self) -> bool:
        """Whether every trial has a score."""
        return bool(self.scores) and not self.unanswered

    @property
    def tokens_per_trial(self) -> float:
        """Input and output tokens of one trial."""
        return sum([u.total_tokens for u in self.usage.values()]) / len(self.scores)

    @property
    def seconds_per_trial(self) -> float:
        """Latency of one trial."""
        return self.seconds / len(self.scores)

    @property
    def ttft_seconds_per_trial(self) -> float | None:
        """Time to the first token of one trial; None where it was not measured."""
        return None if self.ttft_seconds is None else self.ttft_seconds / len(self.scores)

    def usd_per_trial(self, prices: Mapping[str, Price]) -> Decimal:
        """Return what one trial costs at *prices*, as if nothing were cached, in US dollars."""
        costs = [
            cost_of(usage, prices[model], self.seconds_of(model), self.calls_of(model))
            for model, usage in self.usage.items()
        ]
        # A hundred thousand cases are priced at once, nearly all of them of one trial and one model.
        total = costs[0] if len(costs) == 1 else sum(costs, Decimal(0))
        return total if len(self.scores) == 1 else total / len(self.scores)

    def calls_of(self, model: str) -> int:
        """Return how often *model* was asked, in all trials."""
        return self.calls.get(model, len(self.scores))

    def seconds_of(self, model: str) -> float:
        """Return the compute time of *model*, in all trials."""
        return self.each_seconds.get(model, self.seconds if set(self.usage) == {model} else 0.0)


def records_of(trials: Iterable[Trial]) -> tuple[CaseRecord, ...]:
    """Return the trials of one suite and strategy as one record a case, in order of first appearance."""
    by_case: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        if not trial.not_run:
            by_case[trial.case].append(trial)
    return tuple(_record(sorted(group, key=lambda t: t.trial)) for group in by_case.values())


def _record(trials: Sequence[Trial]) -> CaseRecord:
    usage: dict[str, Usage] = {}
    scored = [t for t in trials if t.score is not None]
    calls: Counter[str] = Counter()
    seconds: dict[str, float] = defaultdict(float)
    for trial in scored:
        for call in trial.calls:
            usage[call.model] = usage[call.model] + call.usage if call.model in usage else call.usage
            calls[call.model] += 1
            seconds[call.model] += call.seconds
    return CaseRecord(
        case=trials[0].case,
        strategy=trials[0].strategy,
        fingerprint=trials[0].fingerprint[:DIGITS],
        scores=tuple(float(t.score) for t in scored if t.score is not None),
        answers=digest([t.answer_sha256 for t in scored])[:DIGITS],
        usage=usage,
        seconds=round(sum(t.seconds for t in scored), 6),
        unanswered=len(trials) - len(scored),
        ttft_seconds=_sum_if_all([t.ttft_seconds for t in scored]),
        calls={} if set(calls.values()) <= {len(scored)} else dict(calls),
        each_seconds={model: round(own, 6) for model, own in seconds.items()} if len(seconds) > 1 else {},
    )


def _sum_if_all(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known), 6) if len(known) == len(values) else None
