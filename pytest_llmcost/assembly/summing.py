"""From trials to verdicts and table rows: a run against its baselines, suite by suite."""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.assembly.context_lines import context_lines
from pytest_llmcost.assembly.metrics import label_metrics, repeat_metrics
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.notes import counted, gone_lines, pace_lines, some
from pytest_llmcost.assembly.policy_age import policy_notes
from pytest_llmcost.assembly.saved import saving_of
from pytest_llmcost.assembly.stale import stale_lines
from pytest_llmcost.assembly.step_lines import step_lines
from pytest_llmcost.assembly.strategy_record import strategy_record
from pytest_llmcost.assembly.turned import turned_cases
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.gate import Family, Verdict
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.suite import StrategySpec, Suite
from pytest_llmcost.domain.trial import Call, StrategyRecord, Trial
from pytest_llmcost.gate.baseline import Baseline
from pytest_llmcost.gate.bounds import coverage, error_rate
from pytest_llmcost.gate.decide import decide, overall
from pytest_llmcost.gate.judge import Judged, judge
from pytest_llmcost.gate.must_pass import judge_must_pass
from pytest_llmcost.gate.pairing import Pairing, pair_cases
from pytest_llmcost.gate.pooled import Compared, judge_pooled
from pytest_llmcost.gate.records import CaseRecord, records_of
from pytest_llmcost.gate.sequential import ONCE, Looks
from pytest_llmcost.reports.summary import StrategySummary
from pytest_llmcost.statistics.intervals import mean_score
from pytest_llmcost.statistics.percentiles import percentiles


@dataclass(frozen=True, slots=True)
class Entry:
    """One strategy of one suite in this run.

    Attributes:
        before: What the baseline holds of the strategy; None where it holds nothing.
        baseline_notes: What must be said of the baseline's file.
        not_needed: Cases that were left out because the verdict was certain without them.
        policy_notes: In what the policy that it goes by is older than this run.
    """

    suite: Suite
    spec: StrategySpec
    record: StrategyRecord
    trials: tuple[Trial, ...]
    records: tuple[CaseRecord, ...]
    pairing: Pairing | None
    before: StrategyRecord | None = None
    baseline_notes: tuple[str, ...] = ()
    not_needed: frozenset[str] = frozenset()
    policy_notes: tuple[str, ...] = ()

    @property
    def is_partial(self) -> bool:
        """Whether some of the suite's cases were not run, though the verdict needed them."""
        left = self.not_needed | self.quarantined
        return len(self.records) < sum(case.id not in left for case in self.suite.cases)

    @property
    def quarantined(self) -> frozenset[str]:
        """Ids of the cases that are asked and shown, and not gated."""
        return quarantined(self.suite)


def quarantined(suite: Suite) -> frozenset[str]:
    """Return the ids of the cases that are asked and shown, and not gated."""
    return frozenset(case.id for case in suite.cases if case.quarantine)


def groups_of(suite: Suite) -> dict[str, str | None]:
    """Return the group of each case that is gated; None stands alone."""
    return {case.id: case.group for case in suite.cases if not case.quarantine}


def entries_of(
    suites: Sequence[Suite],
    trials: Sequence[Trial],
    models: Models,
    baselines: Mapping[str, Baseline | None],
    selected: Collection[tuple[str, str]] = (),
) -> Iterator[Entry]:
    """Yield what was run, or was to be (*selected*), strategy by strategy, in the order of the suites."""
    by_strategy: dict[tuple[str, str], list[Trial]] = defaultdict(list)
    for trial in trials:
        by_strategy[trial.suite, trial.strategy].append(trial)
    for suite in suites:
        baseline = baselines.get(suite.path)
        # Several processes report in any order; whoever reads the lists sees the suite's own.
        places = {case.id: place for place, case in enumerate(suite.cases)}
        for spec in suite.strategies:
            own = by_strategy.get((suite.path, spec.name), [])
            if own or (suite.path, spec.name) in selected:
                ordered = sorted(own, key=lambda trial: (places.get(trial.case, len(places)), trial.trial))
                needless = frozenset(trial.case for trial in own if trial.is_needless)
                yield entry_of(suite, spec, tuple(ordered), models, baseline, needless)


def entry_of(
    suite: Suite,
    spec: StrategySpec,
    trials: tuple[Trial, ...],
    models: Models,
    baseline: Baseline | None,
    not_needed: frozenset[str] = frozenset(),
) -> Entry:
    """Return what one strategy did beside its baseline, *not_needed* cases left out: all their trials, if any."""
    record = strategy_record(suite, spec, models)
    out = quarantined(suite)
    records = records_of(trial for trial in trials if trial.case not in out | not_needed)
    aged = tuple(policy_notes(suite, spec, models))
    if baseline is None or spec.name not in baseline.strategies:
        notes = baseline.notes if baseline else ()
        return Entry(suite, spec, record, trials, records, None, None, notes, not_needed, aged)
    before = baseline.strategies[spec.name]
    same = before.fingerprint == record.fingerprint
    before_records = [record for record in baseline.of(spec.name) if record.case not in out]
    groups = groups_of(suite)
    pairing = pair_cases(before_records, records, same_strategy=same, groups=groups, not_needed=not_needed)
    return Entry(suite, spec, record, trials, records, pairing, before, baseline.notes, not_needed, aged)


def judge_entries(
    entries: Sequence[Entry], models: Models, family: Family = "run", early_stop: int = 0
) -> tuple[Verdict, ...]:
    """Return the verdicts on all gated strategies of a run, and on all of them together; *early_stop* as in headers."""
    judged: list[Verdict] = []
    tested: list[Compared] = []
    for entry in entries:
        if (one := judged_of(entry, models, early_stop)) is not None:
            verdicts = list(judge(one))
            judged += [*verdicts, *_must_pass(entry, one.blank)]
            tested += [
                Compared(verdict, one.gate.quality, one.pairing)
                for verdict in verdicts
                if one.pairing is not None and verdict.metric == "quality" and verdict.basis == "test"
            ]
    # Where a suite was stopped as soon as its own drop, or none, was plain, its cases are no fair part of a whole.
    pooled = None if any(entry.not_needed for entry in entries) else judge_pooled(tested)
    return decide(judged if pooled is None else [*judged, pooled], family)


def judged_of(entry: Entry, models: Models, early_stop: int = 0) -> Judged | None:
    """Return one strategy, ready to be judged; None where it has no gate."""
    if entry.spec.gate is None:
        return None
    return Judged(
        entry.suite.path,
        entry.spec.name,
        entry.spec.gate,
        entry.records,
        entry.pairing,
        prices_of(entry, models),
        # A test in Python runs to its end in any case.
        ONCE if "::" in entry.suite.path else Looks(early_stop, is_stopped=bool(entry.not_needed)),
    )


def _must_pass(entry: Entry, blank: Verdict) -> Iterator[Verdict]:
    """Yield a verdict on the cases of which a number of trials has to be right; `true` fails the test itself."""
    needed = {
        case.id: case.must_pass
        for case in entry.suite.cases
        if case.must_pass is not True and case.must_pass and not case.quarantine
    }
    right = Counter(trial.case for trial in entry.trials if trial.correct)
    asked = {trial.case for trial in entry.trials} - entry.not_needed
    counts = {case: (right[case], number) for case, number in needed.items() if case in asked}
    if counts:
        yield judge_must_pass(blank, counts)


def prices_of(entry: Entry, models: Models) -> dict[str, Price]:
    """Return today's prices, without those of a baseline's model that nobody knows any more."""
    records = [*entry.records, *(pair.before for pair in entry.pairing.pairs)] if entry.pairing else entry.records
    prices = {}
    for name in sorted({model for record in records for model in record.usage}):
        with contextlib.suppress(PriceError):  # (the verdict on cost says so)
            prices[name] = models.at(entry.suite.path).price_of(name)
    return prices


def summary_of(entry: Entry, verdicts: Sequence[Verdict]) -> StrategySummary:
    """Return the table's row of one strategy."""
    own = {v.metric: v for v in verdicts if (v.suite, v.strategy) == (entry.suite.path, entry.spec.name)}
    scored = [record for record in entry.records if record.is_scored]
    shared = shared_calls(entry.trials)
    scores, groups = [record.mean_score for record in scored], groups_of(entry.suite)
    interval = mean_score(scores, [groups.get(record.case) for record in scored]) if scored else None
    lost, won = turned_cases(entry.pairing, entry.trials, entry.suite) if entry.pairing else ((), ())
    seconds = [record.seconds_per_trial for record in scored]
    p50, p95, p99 = percentiles(seconds, (0.5, 0.95, 0.99)) if seconds else (None, None, None)
    answered = {record.case for record in scored}
    whole = [trial for trial in entry.trials if trial.case in answered]
    shared_usd = sum((call.usd for call in shared), Decimal(0))
    paid = sum((t.paid_usd + sum((c.paid_usd for c in t.shared), Decimal(0)) for t in entry.trials), Decimal(0))
    return StrategySummary(
        suite=entry.suite.name,
        suite_path=entry.suite.path,
        strategy=entry.spec.name,
        cases=len(scored),
        quality=sum(scores) / len(scores) if scored else None,
        lower=interval.lower if interval else None,
        upper=interval.upper if interval else None,
        usd=sum((t.usd for t in entry.trials), shared_usd),
        paid_usd=paid,
        shared_usd=shared_usd,
        shared_calls=len(shared),
        tokens=sum(t.usage.total_tokens for t in entry.trials) + sum(c.usage.total_tokens for c in shared),
        p50_seconds=p50,
        p95_seconds=p95,
        verdicts=own,
        outcome=overall(tuple(own.values())) if own else None,
        lost=lost,
        won=won,
        notes=tuple(_notes(entry)),
        is_partial=entry.is_partial,
        is_gated=entry.spec.gate is not None,
        p99_seconds=p99,
        error_rate=error_rate(entry.records),
        coverage=coverage(entry.pairing) if entry.pairing else None,
        labels=label_metrics(entry.suite, whole),
        repeats=repeat_metrics(whole),
    )


def shared_calls(trials: Sequence[Trial]) -> tuple[Call, ...]:
    """Return the calls made once for the whole strategy, each once, whichever processes made them."""
    return tuple({call.key: call for trial in trials for call in trial.shared}.values())


def _notes(entry: Entry) -> Iterator[str]:
    if entry.not_needed:
        yield saving_of(entry.trials)
    if entry.quarantined:
        yield f"in quarantine, asked and not gated: {some(sorted(entry.quarantined))}"
    flags: dict[str, int] = defaultdict(int)
    for trial in entry.trials:
        for flag in trial.flags:
            flags[flag] += 1
    for flag, count in sorted(flags.items()):
        yield f"{counted(count, 'answer')}: {flag}"
    yield from step_lines(entry.trials)
    yield from context_lines(entry.suite, entry.spec, entry.trials)
    yield from entry.policy_notes
    yield from pace_lines(entry.trials)
    yield from entry.baseline_notes
    if entry.before is not None and entry.pairing is not None:
        yield from stale_lines(entry.before, entry.record, entry.pairing)
    if entry.pairing is not None:
        for word, cases in (("changed", entry.pairing.changed), ("new", entry.pairing.added)):
            if cases:
                yield f"{counted(len(cases), f'{word} case')} set aside: {some(cases)}"
        here = {case.id for case in entry.suite.cases}
        yield from gone_lines([case for case in entry.pairing.removed if case not in here])
