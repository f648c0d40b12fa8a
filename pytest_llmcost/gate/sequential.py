"""Looking before the end: a verdict that holds whenever the cases stop coming (statistics.md, section 6)."""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.gate import Outcome, QualityGate, Verdict
from pytest_llmcost.gate.evidence import ALPHA
from pytest_llmcost.gate.pairing import Pair, Pairing
from pytest_llmcost.gate.quality import TIE, judge_change
from pytest_llmcost.statistics.paired import passes_zero_discordance
from pytest_llmcost.statistics.sequential import Wealth, changes_needed, sequence_interval, still_needed

SHARE = 0.2
"""Of the accepted error, what the bets may use up on the way; the rest is the test's at the end."""
BETS, GRADED_BETS = "bets on right and wrong", "bets on mean changes"


@dataclass(frozen=True, slots=True)
class Looks:
    """How a run looks at its cases.

    Attributes:
        family: With early stop, how many verdicts on quality the run can test at most; 0: it looks once, at the end.
        is_stopped: Whether cases were left out because the verdict was certain.
    """

    family: int = 0
    is_stopped: bool = False


ONCE = Looks()


def random_place(suite: str, group: str | None, case: str) -> str:
    """Return by what a case's place is told in the random order of its suite; the cases of a group share it.

    It depends on names alone: the same for every strategy, process and run, and fixed before anything is asked.
    """
    return digest(["early stop", suite, "case" if group is None else "group", case if group is None else group])


class EGate:
    """Bets against "no drop" and against "a drop of the margin", case by case, or group by group.

    A fail is certain where it stays one among *family* tests, whatever comes of the others; a pass needs no correction.

    Args:
        gate: The margin, and how large a drop fails; `anytime` gives the bets the whole of the accepted error.
        family: How many verdicts on quality the run can test at most.
    """

    def __init__(self, gate: QualityGate, family: int = 1) -> None:
        self._gate = gate
        self._share = 1.0 if gate.anytime else SHARE
        self.level = ALPHA * self._share
        self._enough_to_pass = -math.log(self.level)
        self._enough_to_fail = math.log(max(family, 1)) - math.log(self.level)
        self._no_drop_of_margin = Wealth(-gate.margin)
        self._drop = Wealth(0.0)
        self._beyond_margin = Wealth(gate.margin)
        self._sum = 0.0
        self._n = 0

    def add(self, change: float) -> None:
        """Take one more case, or the mean of a group: score now less score before, within [-1, 1]."""
        self._no_drop_of_margin.add(change)
        self._drop.add(-change)
        if self._gate.fail_on == "beyond_margin":
            self._beyond_margin.add(-change)
        self._sum += change
        self._n += 1

    @property
    def passes(self) -> bool:
        """Whether a drop of the margin is excluded."""
        return self._no_drop_of_margin.has_reached(self._enough_to_pass)

    @property
    def is_large_enough(self) -> bool:
        """Whether the drop is as large as the gate wants it, to fail."""
        if self._gate.fail_on == "beyond_margin":
            return self._beyond_margin.has_reached(self._enough_to_pass)
        least = self._gate.margin - TIE if self._gate.fail_on == "drop_of_margin" else TIE
        return -self._sum >= least * self._n and self._n > 0

    @property
    def p(self) -> float:
        """One-sided, of "worse", at any time of looking; not yet corrected for other verdicts."""
        return min(1.0, math.exp(-self._drop.log) / self._share)

    @property
    def outcome(self) -> Outcome | None:
        """Pass or fail, as soon as either is certain; None before."""
        if self.passes:
            return Outcome.PASS
        is_certain = self._drop.has_reached(self._enough_to_fail)
        return Outcome.FAIL if is_certain and self.is_large_enough else None

    @property
    def still_needed(self) -> float:
        """How many more cases a verdict takes if all goes on as so far; infinite where it leads nowhere."""
        to_pass = still_needed(self._no_drop_of_margin.log, self._enough_to_pass, self._n)
        to_fail = still_needed(self._drop.log, self._enough_to_fail, self._n) if self.is_large_enough else math.inf
        return min(to_pass, to_fail)


def certain_part(suite: str, gate: QualityGate, pairing: Pairing, looks: Looks) -> Pairing:
    """Return the pairs that made a stopped run's verdict certain; all of them where nothing was left out.

    What was on its way meanwhile hangs on chance: without it, the verdict is the same whoever asked how many at once.
    """
    if not looks.is_stopped:
        return pairing
    e_gate, taken = EGate(gate, looks.family), set[str]()
    for unit in _units(suite, pairing):
        e_gate.add(_mean_change(unit))
        taken |= {pair.now.case for pair in unit}
        if e_gate.outcome is not None:
            break
    kept = tuple(pair for pair in pairing.pairs if pair.now.case in taken)
    rest = tuple(pair.now.case for pair in pairing.pairs if pair.now.case not in taken)
    return dataclasses.replace(pairing, pairs=kept, not_needed=(*pairing.not_needed, *rest))


def compare_on_the_way(verdict: Verdict, gate: QualityGate, pairing: Pairing, looks: Looks) -> Verdict:
    """Return the verdict of cases that are looked at more than once.

    Where the run was stopped, or the gate says `anytime`, the bets alone decide. Else they have a fifth of the
    accepted error and the test at the end has the rest: p is the smaller of theirs, each raised by its share.
    """
    changes = [_mean_change(unit) for unit in _units(verdict.suite, pairing)]
    e_gate = EGate(gate, looks.family)
    for change in changes:
        e_gate.add(change)
    if looks.is_stopped or gate.anytime:
        return _by_bets(verdict, gate, pairing, changes, e_gate, looks)
    rest = ALPHA * (1 - SHARE)
    verdict = judge_change(verdict, gate, pairing, rest)
    is_excluded = verdict.outcome is Outcome.PASS and passes_zero_discordance(len(changes), gate.margin, rest)
    passes = is_excluded or e_gate.passes
    p = 1.0 if verdict.p is None else min(1.0, verdict.p / (1 - SHARE))
    return dataclasses.replace(
        verdict,
        outcome=Outcome.PASS if passes else Outcome.INCONCLUSIVE,
        may_fail=verdict.may_fail and not passes,
        p=min(p, e_gate.p),
        looks="looked at on the way, too",
    )


def _by_bets(
    verdict: Verdict, gate: QualityGate, pairing: Pairing, changes: list[float], e_gate: EGate, looks: Looks
) -> Verdict:
    mean, interval = math.fsum(changes) / len(changes), sequence_interval(changes)
    is_small = -mean < gate.margin - TIE
    needed = changes_needed(changes, gate.margin, e_gate.level) if is_small and gate.margin else 0
    certain = e_gate.outcome is not None
    stopped = f"{'certain' if certain else 'stopped'} after {len(pairing.pairs)} cases" if looks.is_stopped else ""
    # Cases that are added later come between the others on the way: over the whole of them alone it may be repeated.
    anytime = "holds at any number of looks" if gate.anytime and not looks.family else ""
    return dataclasses.replace(
        verdict,
        outcome=Outcome.PASS if e_gate.passes else Outcome.INCONCLUSIVE,
        basis="test",
        estimate=mean,
        lower=interval.lower,
        upper=interval.upper,
        possible=-sequence_interval(changes, 1 - 2 * e_gate.level).lower,
        p=e_gate.p,
        method=BETS if _is_right_or_wrong(pairing) else GRADED_BETS,
        looks=", ".join(filter(None, (stopped, anytime))),
        losses=len(pairing.lost),
        gains=len(pairing.won),
        groups=len(changes) if pairing.has_groups else 0,
        trials=pairing.trials,
        may_fail=not e_gate.passes and e_gate.is_large_enough,
        needed=needed if needed > len(changes) else None,
    )


def _units(suite: str, pairing: Pairing) -> Iterator[list[Pair]]:
    """Yield the pairs that are looked at together, in the suite's random order."""
    units: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairing.pairs:
        units[random_place(suite, pair.group, pair.now.case)].append(pair)
    for place in sorted(units):
        yield units[place]


def _is_right_or_wrong(pairing: Pairing) -> bool:
    return not pairing.has_groups and all(pair.is_right_or_wrong for pair in pairing.pairs)


def _mean_change(unit: list[Pair]) -> float:
    return math.fsum(pair.change for pair in unit) / len(unit)
