"""How often early stop errs, what it saves, and what it misses, beside the verdict over all cases.

    python benchmarks/early_stop.py [--rounds 1000] [--seed 1]

A round is a baseline and a run of the same cases, judged by the gate's own code: the bets look after every case (or
group), and where they are never certain the test at the end decides. Every rate stands beside that of the test alone,
which sees all cases. Figures are per cent of the rounds; `asked` is the mean share of the cases.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from random import Random

from pytest_llmcost.domain.gate import Outcome, QualityGate, Verdict
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.pairing import Pair, Pairing
from pytest_llmcost.gate.quality import judge_change, judge_quality
from pytest_llmcost.gate.records import CaseRecord
from pytest_llmcost.gate.sequential import EGate, Looks, compare_on_the_way
from pytest_llmcost.statistics.intervals import critical_t
from pytest_llmcost.statistics.ratio import cost_ratio

SUITE = "bench.yaml"
BLANK = Verdict(SUITE, "one", "", Outcome.NEW, "")
Unit = list[Pair]
World = Callable[[Random], list[Unit]]
"""Draws a run: its cases, or groups of cases, in the order in which they are looked at."""


def pair(case: int, before: Sequence[float], now: Sequence[float], group: str | None = None) -> Pair:
    """Return one case with the scores of its trials on both sides."""
    return Pair(
        CaseRecord(str(case), "one", "", tuple(before), "a"), CaseRecord(str(case), "one", "", tuple(now), "b"), group
    )


def right_or_wrong(n: int, turned: float, drop: float = 0.0) -> World:
    """*n* cases, of which a share *turned* is lost or won, and *drop* more lost than won."""

    def world(random: Random) -> list[Unit]:
        kinds = random.choices(((1, 0), (0, 1), (1, 1)), ((turned + drop) / 2, (turned - drop) / 2, 1 - turned), k=n)
        return [[pair(case, [before], [now])] for case, (before, now) in enumerate(kinds)]

    return world


def graded(n: int, drop: float = 0.0) -> World:
    """*n* cases with a score between 0 and 1 that changes by some 0.2."""

    def world(random: Random) -> list[Unit]:
        changes = (max(-0.5, min(0.5, random.gauss(-drop, 0.2))) for _ in range(n))
        return [[pair(case, [0.5], [0.5 + change])] for case, change in enumerate(changes)]

    return world


def repeated(n: int, before: int, now: int, drop: float = 0.0) -> World:
    """*n* cases that are right in some of their trials, of which there are so many *before* and *now*."""

    def world(random: Random) -> list[Unit]:
        skills = [random.uniform(0.3, 1.0) for _ in range(n)]
        return [
            [
                pair(
                    case,
                    [float(random.random() < skill) for _ in range(before)],
                    [float(random.random() < skill - drop) for _ in range(now)],
                )
            ]
            for case, skill in enumerate(skills)
        ]

    return world


def grouped(groups: int, size: int, drop: float = 0.0) -> World:
    """Groups of cases that get better or worse together."""

    def world(random: Random) -> list[Unit]:
        units: list[Unit] = []
        for group in range(groups):
            fate, skill = random.gauss(-drop, 0.2), random.uniform(0.4, 0.6)
            sides = [([float(random.random() < skill)], [float(random.random() < skill + fate)]) for _ in range(size)]
            units.append([pair(group * size + place, *side, str(group)) for place, side in enumerate(sides)])
        return units

    return world


@dataclass(frozen=True)
class Seen:
    """What came of a run: its verdict, not yet corrected, and the share of its cases that was asked."""

    verdict: Verdict
    asked: float = 1.0


def pairing_of(units: Iterable[Unit]) -> Pairing:
    """Return the cases of some units as the gate takes them."""
    pairs = tuple(one for unit in units for one in unit)
    return Pairing(pairs, (), (), (), (), len(pairs), same_strategy=False)


def judged(units: Sequence[Unit], gate: QualityGate, looks: Looks | None) -> Verdict:
    """Return the gate's verdict over *units*; without *looks* that of the test alone."""
    pairing = pairing_of(units)
    if all(len(unit) == 1 and unit[0].is_right_or_wrong and unit[0].group is None for unit in units):
        return by_counts(len(pairing.lost), len(pairing.won), len(units), gate, looks)
    return compared(pairing, gate, looks)


@cache
def by_counts(losses: int, gains: int, n: int, gate: QualityGate, looks: Looks | None) -> Verdict:
    """Return the verdict over right and wrong answers: their order does not matter, so equal runs are judged once."""
    kinds = [(1, 0)] * losses + [(0, 1)] * gains + [(1, 1)] * (n - losses - gains)
    return compared(pairing_of([[pair(case, [b], [a])] for case, (b, a) in enumerate(kinds)]), gate, looks)


def compared(pairing: Pairing, gate: QualityGate, looks: Looks | None) -> Verdict:
    """Return the gate's verdict over a pairing."""
    compare = judge_change if looks is None else partial(compare_on_the_way, looks=looks)
    return judge_quality(BLANK, gate, [one.now for one in pairing.pairs], pairing, compare)


def certain_after(units: Sequence[Unit], gate: QualityGate, family: int = 1) -> int | None:
    """Return after how many units the bets are certain, or None where they never are."""
    e_gate = EGate(gate, family)
    for place, unit in enumerate(units, 1):
        e_gate.add(math.fsum(one.change for one in unit) / len(unit))
        if e_gate.outcome is not None:
            return place
    return None


def stopped(units: Sequence[Unit], gate: QualityGate, family: int = 1) -> Seen:
    """Return what comes of a run that may stop early."""
    end = certain_after(units, gate, family)
    if end is None:
        return Seen(judged(units, gate, Looks(family)))
    asked = len(pairing_of(units[:end]).pairs) / len(pairing_of(units).pairs)
    return Seen(judged(units[:end], gate, Looks(family, is_stopped=True)), asked)


def percent(count: float, of: int) -> str:
    """Return a share as the table shows it."""
    return f"{100 * count / of:.1f}"


def one_suite(rounds: int, seed: int) -> None:
    """Print the rates of runs of one suite."""
    default, any_drop = QualityGate(), QualityGate(fail_on="any_drop")
    wide = replace(any_drop, margin=0.2)
    worlds: dict[str, tuple[World, QualityGate]] = {
        "500 cases, nothing turned": (right_or_wrong(500, 0.0), any_drop),
        "500 cases, 5 % turned, no change": (right_or_wrong(500, 0.05), any_drop),
        "500 cases, 15 % turned, no change": (right_or_wrong(500, 0.15), any_drop),
        "500 cases, 40 % turned, no change": (right_or_wrong(500, 0.40), any_drop),
        "200 cases, 15 % turned, no change": (right_or_wrong(200, 0.15), any_drop),
        "500 graded cases, no change": (graded(500), any_drop),
        "200 cases, 1 trial before and 3 now, no change": (repeated(200, 1, 3), any_drop),
        "60 groups of 5, no change": (grouped(60, 5), wide),
        "500 cases, 15 % turned, drop of 5 points": (right_or_wrong(500, 0.15, 0.05), default),
        "500 cases, 5 % turned, drop of 5 points": (right_or_wrong(500, 0.05, 0.05), default),
        "500 graded cases, drop of 5 points": (graded(500, 0.05), default),
        "60 groups of 5, drop of 20 points": (grouped(60, 5, 0.2), replace(default, margin=0.2)),
        "500 cases, 15 % turned, drop of 2 points": (right_or_wrong(500, 0.15, 0.02), default),
        "500 cases, 15 % turned, drop of 10 points": (right_or_wrong(500, 0.15, 0.10), default),
        "500 cases, 30 % turned, drop of 10 points": (right_or_wrong(500, 0.30, 0.10), default),
        "200 cases, 15 % turned, drop of 10 points": (right_or_wrong(200, 0.15, 0.10), default),
    }
    print(f"{'world':50}  fails / alone   passes / alone  asked  anytime: fails  passes  asked")
    for name, (world, gate) in worlds.items():
        random, at_any_time = Random(seed), replace(gate, anytime=True)
        drawn = [world(random) for _ in range(rounds)]
        early = [stopped(units, gate) for units in drawn]
        alone = [judged(units, gate, None) for units in drawn]
        bets = [stopped(units, at_any_time) for units in drawn]
        print(
            f"{name:50}  {share(Outcome.FAIL, (s.verdict for s in early), rounds):>5} / "
            f"{share(Outcome.FAIL, alone, rounds):<5}  "
            f"{share(Outcome.PASS, (s.verdict for s in early), rounds):>7} / {share(Outcome.PASS, alone, rounds):<5}  "
            f"{percent(sum(s.asked for s in early), rounds):>5}  "
            f"{share(Outcome.FAIL, (s.verdict for s in bets), rounds):>14}  "
            f"{share(Outcome.PASS, (s.verdict for s in bets), rounds):>6}  "
            f"{percent(sum(s.asked for s in bets), rounds):>5}",
            flush=True,
        )


def share(wanted: Outcome, verdicts: Iterable[Verdict], rounds: int) -> str:
    """Return how many verdicts come out as *wanted*, each alone in its run."""
    return percent(sum(decide([verdict])[0].outcome is wanted for verdict in verdicts), rounds)


def several_suites(rounds: int, seed: int) -> None:
    """Print the rates of runs of several suites, of which one or none got worse."""
    print(f"\n{'several suites of 200 cases, 15 % turned':50}  any fails / alone  asked")
    for suites, drop in ((10, 0.0), (40, 0.0), (10, 0.10), (40, 0.10)):
        random, gate = Random(seed), QualityGate(fail_on="drop_of_margin" if drop else "any_drop")
        fails, alone, asked = 0, 0, 0.0
        for _ in range(rounds):
            drawn = [right_or_wrong(200, 0.15, drop if place == 0 else 0.0)(random) for place in range(suites)]
            seen = [stopped(units, gate, suites) for units in drawn]
            counted = seen[:1] if drop else seen
            decided = decide([replace(one.verdict, suite=str(place)) for place, one in enumerate(seen)])
            fails += any(v.outcome is Outcome.FAIL for v in decided[: len(counted)])
            whole = decide([judged(units, gate, None) for units in drawn])
            alone += any(v.outcome is Outcome.FAIL for v in whole[: len(counted)])
            asked += sum(one.asked for one in counted) / len(counted)
        what = f"{suites} suites, {f'the first dropped by {100 * drop:g} points' if drop else 'no change'}"
        print(
            f"{what:50}  {percent(fails, rounds):>9} / {percent(alone, rounds):<5}  {percent(asked, rounds):>5}",
            flush=True,
        )


def looking_again(rounds: int, seed: int) -> None:
    """Print how often a suite that grows and is looked at again and again ever fails, or passes, wrongly."""
    print(f"\n{'looked at with 100, 200, ... 1,000 cases':50}  anytime  with early stop  the test each time")
    worlds = {
        "15 % turned, no change: ever fails": (0.0, QualityGate(fail_on="any_drop"), Outcome.FAIL),
        "15 % turned, drop of 5 points: ever passes": (0.05, QualityGate(), Outcome.PASS),
    }
    for name, (drop, gate, wrong) in worlds.items():
        random, at_any_time = Random(seed), replace(gate, anytime=True)
        counts = [0, 0, 0]
        for _ in range(rounds):
            cases = right_or_wrong(1000, 0.15, drop)(random)
            order = {id(unit): random.random() for unit in cases}
            ever = [False, False, False]
            for n in range(100, 1001, 100):
                seen = sorted(cases[:n], key=lambda unit: order[id(unit)])
                verdicts = (
                    judged(seen, at_any_time, Looks()),
                    stopped(seen, at_any_time).verdict,
                    judged(seen, gate, None),
                )
                ever = [e or decide([v])[0].outcome is wrong for e, v in zip(ever, verdicts, strict=True)]
            counts = [count + e for count, e in zip(counts, ever, strict=True)]
        told = [percent(count, rounds) for count in counts]
        print(f"{name:50}  {told[0]:>7}  {told[1]:>15}  {told[2]:>18}", flush=True)


def costs(rounds: int, seed: int) -> None:
    """Print how often a cost that rose by just the accepted tenth passes, where lost cases are the dearer ones."""
    print(f"\n{'500 cases, 15 % turned, cost up by a tenth':50}  passes / alone  stopped early")
    worlds = (("cost hangs on nothing", 0.0), ("a lost case costs half as much again", 0.5))
    for name, extra in worlds:
        random, gate = Random(seed), QualityGate()
        passes = alone = early = 0
        for _ in range(rounds):
            cases = right_or_wrong(500, 0.15)(random)
            base = [random.lognormvariate(0, 0.3) for _ in cases]
            mean = 1 + 0.075 * extra
            cand = [
                b * 1.10 / mean * (1 + extra * (case[0].change < 0)) * random.lognormvariate(-0.08, 0.4)
                for b, case in zip(base, cases, strict=True)
            ]
            end = certain_after(cases, gate) or len(cases)
            if end < len(cases) and upper(base[:end], cand[:end], 1.5) > 1.10:
                end = len(cases)
            early += end < len(cases)
            passes += upper(base[:end], cand[:end]) <= 1.10
            alone += upper(base, cand) <= 1.10
        print(
            f"{name:50}  {percent(passes, rounds):>6} / {percent(alone, rounds):<5}  {percent(early, rounds):>13}",
            flush=True,
        )


def upper(base: Sequence[float], cand: Sequence[float], wider: float = 1.0) -> float:
    """Return the upper end of the 90 % interval of the ratio, so many times as wide on the logarithmic scale."""
    ratio = cost_ratio(base, cand)
    return ratio.value * math.exp(critical_t(0.90, len(base) - 1) * ratio.log_standard_error * wider)


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    one_suite(arguments.rounds, arguments.seed)
    costs(arguments.rounds, arguments.seed)
    several_suites(max(1, arguments.rounds // 5), arguments.seed)
    looking_again(max(1, arguments.rounds // 2), arguments.seed)


if __name__ == "__main__":
    main()
