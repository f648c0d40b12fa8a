"""A small drop everywhere that no suite alone can show: one verdict on the cases of all suites (section 5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_llmcost.domain.gate import ALL_SUITES, Outcome, QualityGate, Verdict
from pytest_llmcost.gate.pairing import Pair, Pairing
from pytest_llmcost.gate.quality import judge_change

FEWEST_SUITES = 2

PASS_ALPHA = 0.04
"""How often a drop of just the margin may pass: in name 5 % would be up to 6.4 % of runs, 4 % are at most 4.8 %."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One strategy of one suite whose answers were really tested."""

    verdict: Verdict
    gate: QualityGate
    pairing: Pairing


def judge_pooled(tested: Sequence[Compared]) -> Verdict | None:
    """Return one more verdict on the quality of all suites together; None where fewer than two were tested.

    Every case weighs alike, and the margin is the mean of the cases' margins. The cases of a group, and those that
    several strategies of a suite answered, stand or fall together. To treat cases of different suites as drawn from
    one is the careful way: strata of their own could only vary less.

    Args:
        tested: All that can fail the run; p not yet corrected for other verdicts.
    """
    suites = {one.verdict.suite for one in tested}
    if len(suites) < FEWEST_SUITES:
        return None
    pairs = tuple(pair for one in tested for pair in _apart(one))
    n = len(pairs)
    margin = sum(len(one.pairing.pairs) * one.gate.margin for one in tested) / n
    wanted = {one.gate.fail_on for one in tested}
    gate = QualityGate(margin=round(margin, 6), fail_on=wanted.pop() if len(wanted) == 1 else QualityGate().fail_on)
    verdict = Verdict(
        ALL_SUITES,
        "",
        "quality",
        Outcome.INCONCLUSIVE,
        "",
        value=sum(pair.now.mean_score for pair in pairs) / n,
        before=sum(pair.before.mean_score for pair in pairs) / n,
        n=n,
        margin=gate.margin,
        suites=len(suites),
    )
    pairing = Pairing(pairs, (), (), (), (), before=n, same_strategy=False)
    return judge_change(verdict, gate, pairing, PASS_ALPHA)


def _apart(one: Compared) -> Iterator[Pair]:
    """Yield the pairs in groups that no other suite shares."""
    for pair in one.pairing.pairs:
        name = f"case {pair.now.case}" if pair.group is None else f"group {pair.group}"
        yield Pair(pair.before, pair.now, f"{one.verdict.suite} {name}")
