"""When the rest of a strategy's cases need not be asked: its verdict is certain, or can no longer change."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.summing import entry_of, groups_of, judged_of
from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.domain.suite import Case, StrategySpec, Suite
from pytest_llmcost.domain.trial import VERDICT_CERTAIN, Trial
from pytest_llmcost.gate.baseline import Baseline
from pytest_llmcost.gate.bounds import FEWEST_FOR_P95
from pytest_llmcost.gate.judge import judge
from pytest_llmcost.gate.pairing import pair_cases
from pytest_llmcost.gate.quality import TIE
from pytest_llmcost.gate.records import CaseRecord, records_of
from pytest_llmcost.gate.sequential import EGate, random_place
from pytest_llmcost.statistics.sequential import Wealth

WIDER = 1.5
"""How much wider, on the logarithmic scale, a 90 % interval of a ratio has to fit before a run is stopped: that is
99 % and more from 15 cases on, so that the look on the way adds at most a point to the accepted error."""

Question = tuple[Case, int]
"""A case, and the number of its trial."""


def in_random_order(suite: Suite, asked: Iterable[Question]) -> list[Question]:
    """Return what is to be asked in the suite's random order: a group's cases, and a case's trials, stay together."""
    places = {case.id: place for place, case in enumerate(suite.cases)}
    return sorted(asked, key=lambda one: (random_place(suite.path, one[0].group, one[0].id), places[one[0].id], one[1]))


class Watch:
    """Follows one strategy's trials, in whatever order they come, and says why no more are needed.

    Trials count in the suite's random order: one that comes early waits for those before it, since what comes soon
    (short answers, cached ones) may be what is right.

    Args:
        suite: The suite.
        spec: A strategy of it that has a gate.
        baseline: The suite's; without the strategy in it, only what needs no comparison stops it.
        planned: What this run is to ask of it.
        models: For prices.
        family: How many verdicts on quality this run can test at most.
    """

    def __init__(
        self,
        suite: Suite,
        spec: StrategySpec,
        baseline: Baseline | None,
        planned: Sequence[Question],
        models: Models,
        family: int,
    ) -> None:
        if spec.gate is None:
            raise ValueError(f"strategy {spec.name!r} has no gate: nothing is certain of it")
        self._why = ""
        self._has_passed = False
        self._suite, self._spec, self._gate, self._models, self._baseline = suite, spec, spec.gate, models, baseline
        self._before = {record.case: record for record in baseline.of(spec.name)} if baseline is not None else {}
        self._gated = groups_of(suite)
        self._cases = {case.id: case for case in suite.cases}
        self._units = _units(suite, planned)
        self._places = {(case.id, number): place for place, (case, number) in enumerate(chain(*self._units))}
        self._trials_of = Counter(case.id for case, _ in planned)
        self._came: dict[tuple[str, int], Trial] = {}
        self._right: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._e_gate = EGate(spec.gate.quality, family)
        self._floor = spec.gate.quality.min or 0.0
        self._above_floor = Wealth(self._floor, 0.0) if self._floor else None
        self._scores: list[float] = []
        self._seen_units = self._seen_trials = self._seen_cases = 0
        self._others_are_clear: bool | None = None

    def take(self, trial: Trial) -> None:
        """Take a trial of this strategy; one that was taken before, or comes after a fail, changes nothing."""
        key = (trial.case, trial.trial)
        if key in self._came or key not in self._places or (self._why and not self._has_passed):
            return
        self._came[key] = trial
        if trial.not_run or self._has_failed(trial):
            # Where no more can be paid a run fails, too.
            self._why, self._has_passed = trial.not_run or VERDICT_CERTAIN, False
        while not self._why and self._seen_units < len(self._units):
            unit = self._units[self._seen_units]
            if any((case.id, number) not in self._came for case, number in unit):
                break
            self._see(unit)
            self._look()

    def reason(self, case: Case) -> str:
        """Return why a case is not to be asked, or nothing where it is: after a pass, where it has to be right.

        Args:
            case: As this change has it; where it is held to a base, what has to be right there is asked, too.
        """
        both = (case, self._cases.get(case.id, case))
        has_to_be_right = any(self._suite.must_be_right(one) or (one.must_pass and not one.quarantine) for one in both)
        return "" if self._has_passed and has_to_be_right else self._why

    def is_wanted(self, case: Case, number: int, at_least: int) -> bool:
        """Whether it is time to ask a question.

        Where the verdict is near, only so many more are asked ahead as it would take if all goes on as so far.

        Args:
            case: The case.
            number: Of its trial.
            at_least: As many after those that count already are wanted in any case.
        """
        if self._why:
            return not self.reason(case)
        units = math.inf if self._e_gate.passes else self._e_gate.still_needed  # (a pass that waits for other bounds)
        ahead = units * len(self._places) / len(self._units)
        return self._places[case.id, number] < self._seen_trials + max(at_least, ahead)

    def _has_failed(self, trial: Trial) -> bool:
        """Whether this trial fails the run for certain: a wrong case that has to be right, or one of so many."""
        case = self._cases[trial.case]
        self._asked[case.id] += 1
        self._right[case.id] += bool(trial.correct)
        if trial.error is None and not trial.correct and self._suite.must_be_right(case):
            return True
        open_trials = self._trials_of[case.id] - self._asked[case.id]
        is_counted = case.must_pass is not True and not case.quarantine
        return is_counted and self._right[case.id] + open_trials < case.must_pass

    def _see(self, unit: Sequence[Question]) -> None:
        self._seen_units += 1
        self._seen_trials += len(unit)
        own = [self._came[case.id, number] for case, number in unit if case.id in self._gated]
        records = records_of(own)
        self._seen_cases += len(records)
        self._score([record.mean_score for record in records if record.is_scored])
        before: list[CaseRecord] = [self._before[one.case] for one in records if one.case in self._before]
        changes = pair_cases(before, records, same_strategy=False).changes
        if changes:
            self._e_gate.add(math.fsum(changes) / len(changes))

    def _score(self, scores: Sequence[float]) -> None:
        self._scores += scores
        if scores and self._above_floor is not None:
            self._above_floor.add(math.fsum(scores) / len(scores))

    def _look(self) -> None:
        outcome = self._e_gate.outcome if self._before else None
        self._has_passed = outcome is Outcome.PASS and not self._is_floor_out_of_reach() and self._may_pass()
        if self._has_passed or outcome is Outcome.FAIL or self._is_floor_out_of_reach():
            self._why = VERDICT_CERTAIN

    def _is_floor_out_of_reach(self) -> bool:
        """Whether the mean stays below the floor though all the rest be right."""
        rest = sum(case in self._gated for case in self._trials_of) - self._seen_cases
        possible = len(self._scores) + rest
        return possible > 0 and math.fsum(self._scores) + rest < (self._floor - TIE) * possible

    def _may_pass(self) -> bool:
        """Whether nothing else in the gate waits for more cases than quality does."""
        if self._above_floor is not None and self._above_floor.log < -math.log(self._e_gate.level):
            return False
        caps = (self._gate.latency.p95_seconds, self._gate.latency.ttft_p95_seconds)
        if any(cap is not None for cap in caps) and len(self._scores) < FEWEST_FOR_P95:
            return False
        if self._others_are_clear is None:  # one look alone: a cost that is looked at until it passes, passes too often
            self._others_are_clear = all(self._is_settled(verdict) for verdict in self._other_verdicts())
        return self._others_are_clear

    def _is_settled(self, verdict: Verdict) -> bool:
        unanswered = sum(trial.error is not None for trial in self._came.values())
        too_many = verdict.metric == "errors" and unanswered > self._gate.errors.max_rate * len(self._places)
        return too_many or _is_clear(verdict)  # (with so many errors it fails, whatever comes)

    def _other_verdicts(self) -> list[Verdict]:
        seen = [self._came[case.id, number] for unit in self._units[: self._seen_units] for case, number in unit]
        rest = frozenset(case.id for unit in self._units[self._seen_units :] for case, _ in unit)
        entry = entry_of(self._suite, self._spec, tuple(seen), self._models, self._baseline, rest)
        one = judged_of(entry, self._models)
        return [verdict for verdict in judge(one) if verdict.metric != "quality"] if one is not None else []


def _units(suite: Suite, planned: Sequence[Question]) -> list[list[Question]]:
    """Return what is planned in the suite's random order, as what is looked at together: a group, or a case."""
    units: dict[str, list[Question]] = {}
    for case, number in in_random_order(suite, planned):
        units.setdefault(random_place(suite.path, case.group, case.id), []).append((case, number))
    return list(units.values())


def _is_clear(verdict: Verdict) -> bool:
    """Whether a verdict passes so clearly that a look at it on the way does no harm; one that only warns may wait."""
    if not verdict.counts:
        return True
    if verdict.outcome is not Outcome.PASS or verdict.basis != "test":
        return verdict.outcome is Outcome.PASS
    if verdict.estimate is None or verdict.upper is None or verdict.margin is None or verdict.estimate <= -1:
        return False
    wider = (1 + verdict.estimate) * ((1 + verdict.upper) / (1 + verdict.estimate)) ** WIDER
    return bool(wider <= 1 + verdict.margin)
