"""A verdict that may be looked at on the way: when it is certain, over which cases it stands, and what it says."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence

import pytest
from fakes.evidence import BLANK, graded, paired

from pytest_llmcost.domain.gate import Outcome, QualityGate, Verdict
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.quality import judge_change, judge_quality
from pytest_llmcost.gate.sequential import EGate, Looks, certain_part, compare_on_the_way, random_place

BETS = [0.02 * 49 ** (step / 23) for step in range(24)]
SUITE = BLANK.suite
QUALITY = dataclasses.replace(BLANK, metric="quality", margin=0.05)


def e_pass(losses: int, gains: int, n: int, margin: float = 0.05) -> float:
    """By counting: (x + M)/(1 - M) is -1 for a loss, whatever M."""
    gain, equal = (1 + margin) / (1 - margin), margin / (1 - margin)
    stakes = (
        (1 - bet) ** losses * (1 + bet * gain) ** gains * (1 + bet * equal) ** (n - losses - gains) for bet in BETS
    )
    return sum(stakes) / 24


def e_fail(losses: int, gains: int) -> float:
    return sum((1 + bet) ** losses * (1 - bet) ** gains for bet in BETS) / 24


def certain_after(changes: Sequence[float], family: int = 1, **gate: object) -> tuple[Outcome | None, int]:
    e_gate = EGate(QualityGate(**gate), family)  # type: ignore[arg-type]
    for n, change in enumerate(changes, 1):
        e_gate.add(change)
        if e_gate.outcome is not None:
            return e_gate.outcome, n
    return None, len(changes)


def judged(pairing: Pairing, looks: Looks = Looks(1), **gate: object) -> Verdict:  # noqa: B008, RUF100
    quality = QualityGate(**gate)  # type: ignore[arg-type]
    compare = functools.partial(compare_on_the_way, looks=looks)
    part = certain_part(SUITE, quality, pairing, looks)
    return decide([judge_quality(BLANK, quality, [pair.now for pair in pairing.pairs], part, compare)])[0]


@pytest.mark.parametrize(("anytime", "enough"), [(False, 100), (True, 20)])
def test_a_pass_is_certain_as_soon_as_the_bets_own_what_their_share_of_the_error_asks(
    anytime: bool, enough: int
) -> None:
    first = next(n for n in range(1000) if e_pass(0, 0, n) >= enough)
    assert certain_after([0.0] * 1000, anytime=anytime) == (Outcome.PASS, first)


@pytest.mark.parametrize(("anytime", "enough"), [(False, 100), (True, 20)])
@pytest.mark.parametrize("family", [1, 40])
def test_a_fail_is_certain_when_it_stays_one_among_all_the_runs_tests(family: int, anytime: bool, enough: int) -> None:
    first = next(n for n in range(100) if e_fail(n, 0) >= enough * family)
    assert certain_after([-1.0] * 100, family, anytime=anytime) == (Outcome.FAIL, first)
    e_gate = EGate(QualityGate(anytime=anytime), family)
    for _ in range(first):
        e_gate.add(-1.0)
    assert e_gate.p == pytest.approx(0.05 * enough / e_fail(first, 0))
    assert e_gate.p * family <= 0.05


def test_how_large_a_drop_fails_is_the_gates_word() -> None:
    drop_of_4_points = ([-1.0] + [0.0] * 24) * 100
    assert certain_after(drop_of_4_points, fail_on="any_drop")[0] is Outcome.FAIL
    assert certain_after(drop_of_4_points, fail_on="drop_of_margin") == (None, 2500)
    drop_of_6_points = ([0.0] * 16 + [-1.0]) * 100
    _, margin = certain_after(drop_of_6_points, fail_on="drop_of_margin")
    assert certain_after(drop_of_6_points, fail_on="beyond_margin") == (None, 1700)
    outcome, beyond = certain_after(([0.0] * 4 + [-1.0]) * 100, fail_on="beyond_margin")
    assert outcome is Outcome.FAIL
    assert certain_after(([0.0] * 4 + [-1.0]) * 100)[1] < beyond
    assert margin < 1700


def test_no_verdict_is_certain_before_the_first_case() -> None:
    e_gate = EGate(QualityGate())
    assert e_gate.outcome is None
    assert not e_gate.is_large_enough
    assert e_gate.p == 1
    assert e_gate.still_needed == math.inf


def test_what_is_still_needed_falls_to_nothing_as_a_verdict_comes_near() -> None:
    for change in (0.0, -1.0):
        e_gate, needed = EGate(QualityGate()), []
        while e_gate.outcome is None:
            e_gate.add(change)
            needed.append(e_gate.still_needed)
        assert needed[-1] == 0
        assert all(0 < many < math.inf for many in needed[2:-1])


def test_the_random_order_keeps_groups_together_and_depends_on_names_alone() -> None:
    assert random_place(SUITE, "mail-7", "a") == random_place(SUITE, "mail-7", "b")
    assert random_place(SUITE, None, "a") != random_place(SUITE, None, "b")
    assert random_place(SUITE, None, "a") != random_place(SUITE, "a", "x")  # (a group may be called as a case is)
    assert random_place(SUITE, None, "a") != random_place("bench_other.yaml", None, "a")
    order = sorted(range(1000), key=lambda number: random_place(SUITE, None, f"c{number:03}"))
    assert order != list(range(1000))
    assert 400 < sum(order[:500]) / 500 < 600  # the first half is no worse than the second


def in_order(losses: int, n: int) -> Pairing:
    """*n* cases, of which the *losses* that come first in the random order turned wrong."""
    order = sorted(range(n), key=lambda number: random_place(SUITE, None, f"c{number:03}"))
    lost = set(order[:losses])
    return graded([1.0] * n, [float(place not in lost) for place in range(n)])


def test_a_stopped_runs_verdict_is_over_the_cases_that_made_it_certain() -> None:
    """What was asked beyond them hangs on how many calls were in flight."""
    needed = next(n for n in range(100) if e_fail(n, 0) >= 100)
    order = sorted(range(300), key=lambda number: random_place(SUITE, None, f"c{number:03}"))
    whole, verdicts = in_order(20, 300), set()
    for asked in (needed, needed + 7, 300):
        names = {f"c{number:03}" for number in order[:asked]}
        pairs = tuple(pair for pair in whole.pairs if pair.now.case in names)
        rest = tuple(pair.now.case for pair in whole.pairs if pair.now.case not in names)
        verdict = judged(dataclasses.replace(whole, pairs=pairs, not_needed=rest), Looks(1, is_stopped=True))
        verdicts.add(dataclasses.replace(verdict, value=None))  # (the mean score is that of all that was asked)
    (verdict,) = verdicts
    assert (verdict.outcome, verdict.n, verdict.losses) == (Outcome.FAIL, needed, needed)
    assert verdict.p == pytest.approx(5 / e_fail(needed, 0))


def test_a_stopped_run_has_not_too_few_cases_where_the_rest_was_not_needed() -> None:
    pairing = dataclasses.replace(in_order(20, 40), before=500)
    assert "too few" in judged(pairing, Looks(1, is_stopped=True)).reason
    not_needed = dataclasses.replace(pairing, not_needed=tuple(f"x{place}" for place in range(460)))
    assert judged(not_needed, Looks(1, is_stopped=True)).outcome is Outcome.FAIL


def test_a_run_that_was_stopped_for_another_reason_is_judged_by_the_bets_alone() -> None:
    """As where a case that must pass was wrong: the test would take that moment for the end of the suite."""
    verdict = judged(paired(6, 0, 12), Looks(1, is_stopped=True))
    assert decide([judge_change(QUALITY, QualityGate(), paired(6, 0, 12))])[0].p == pytest.approx(1 / 2**7)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.p == pytest.approx(5 / e_fail(6, 0))
    assert "stopped after 12 cases" in verdict.reason


@pytest.mark.parametrize(("losses", "gains", "n"), [(12, 3, 200), (3, 3, 300), (1, 0, 60), (30, 2, 100)])
def test_at_the_end_p_is_the_smaller_one_raised_by_its_share(losses: int, gains: int, n: int) -> None:
    pairing = paired(losses, gains, n)
    alone = judge_change(QUALITY, QualityGate(), pairing).p
    assert alone is not None
    assert judged(pairing).p == pytest.approx(min(1.0, alone / 0.8, 5 / e_fail(losses, gains)))


def test_at_the_end_a_pass_and_a_fail_take_a_fifth_more_evidence() -> None:
    """They pass and fail at 5 %, and not at 4 %."""
    once = functools.partial(judge_change, QUALITY, QualityGate())
    passing = next(n for n in range(60, 400) if once(paired(1, 0, n)).outcome is Outcome.PASS)
    assert judged(paired(1, 0, passing)).outcome is Outcome.INCONCLUSIVE
    failing = paired(9, 3, 60)
    assert 0.04 < decide([once(failing)])[0].p <= 0.05
    assert decide([once(failing)])[0].outcome is Outcome.FAIL
    assert judged(failing).outcome is Outcome.INCONCLUSIVE


def test_at_the_end_so_many_cases_pass_without_a_loss_as_could_not_hide_the_margin_in_4_of_100_runs() -> None:
    assert judged(paired(0, 0, 62)).outcome is Outcome.INCONCLUSIVE
    assert judged(paired(0, 0, 63)).outcome is Outcome.PASS
    assert 0.95**63 < 0.04 < 0.95**62


def test_anytime_asks_the_bets_alone_and_one_look_more_or_less_changes_nothing() -> None:
    for losses, gains, n in ((2, 1, 150), (40, 3, 100), (9, 3, 60)):
        seldom = judged(paired(losses, gains, n), Looks(), anytime=True)
        often = judged(paired(losses, gains, n), Looks(1), anytime=True)
        assert (seldom.outcome, seldom.p, seldom.possible) == (often.outcome, often.p, often.possible)
        assert ("any number of looks" in seldom.reason, "any number of looks" in often.reason) == (True, False)
        assert seldom.p == pytest.approx(min(1.0, 1 / e_fail(losses, gains)))
        passes, fails = e_pass(losses, gains, n) >= 20, e_fail(losses, gains) >= 20
        assert seldom.outcome is (Outcome.PASS if passes else Outcome.FAIL if fails else Outcome.INCONCLUSIVE)


def test_where_the_drop_is_possible_that_is_not_excluded_the_margin_decides() -> None:
    """The largest drop that is told as possible is the margin at which it would just pass."""
    verdict = judged(paired(3, 1, 120), Looks(), anytime=True)
    assert verdict.possible is not None
    assert e_pass(3, 1, 120, verdict.possible + 1e-4) >= 20 > e_pass(3, 1, 120, verdict.possible - 1e-4)


def test_groups_are_looked_at_whole() -> None:
    """30 groups of 10 cases are 30 looks: what all 300 cases alone would prove, they do not."""
    alone = graded([1.0] * 300, [1.0] * 300)
    together = graded([1.0] * 300, [1.0] * 300, [str(place // 10) for place in range(300)])
    assert judged(alone, Looks(), anytime=True).outcome is Outcome.PASS
    verdict = judged(together, Looks(), anytime=True)
    assert (verdict.outcome, verdict.groups) == (Outcome.INCONCLUSIVE, 30)


def test_the_answers_of_an_unchanged_strategy_need_no_bets() -> None:
    verdict = judged(paired(0, 0, 40, same_strategy=True), anytime=True)
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, "unchanged")


def test_what_it_says() -> None:
    assert judged(in_order(1, 250), Looks(1, is_stopped=True)).reason == (
        "-0.5 pt [-4.0, +2.3]: 1 lost, 0 won of 204; no drop of 5 pt; certain after 204 cases"
    )
    assert judged(in_order(20, 300), Looks(1, is_stopped=True)).reason == (
        "worse, -100.0 pt [-100.0, -22.4]: 11 lost, 0 won of 11; p = 0.0360 by bets on right and wrong, margin 5 pt; "
        "certain after 11 cases"
    )
    assert judged(paired(2, 1, 40), Looks(), anytime=True).reason == (
        "cannot tell: -2.5 pt [-21.3, +15.5]: 2 lost, 1 won of 40; p = 0.9805 by bets on right and wrong; a drop of "
        "some 21 pt is possible; about 559 more cases would settle 5 pt if nothing changed; "
        "holds at any number of looks"
    )
    assert judged(paired(0, 0, 300)).reason == (
        "+0.0 pt [-0.9, +0.9]: 0 lost, 0 won of 300; no drop of 5 pt; looked at on the way, too"
    )
