"""One verdict on the cases of all suites: which are pooled, how, and what it says."""

from __future__ import annotations

import dataclasses

import pytest
from fakes.evidence import BLANK, graded, paired, records

from pytest_llmcost.domain.gate import Outcome, QualityGate, Verdict
from pytest_llmcost.gate.decide import decide, false_alarms
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.pooled import Compared, judge_pooled
from pytest_llmcost.gate.quality import judge_quality

PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE


def compared(suite: str, pairing: Pairing, strategy: str = "cheap", **gate: object) -> Compared:
    judged = QualityGate(**gate)  # type: ignore[arg-type]
    blank = dataclasses.replace(BLANK, suite=suite, strategy=strategy)
    now = [pair.now for pair in pairing.pairs]
    return Compared(judge_quality(blank, judged, now, pairing), judged, pairing)


def pooled(*tested: Compared) -> Verdict:
    verdict = judge_pooled(tested)
    assert verdict is not None
    return decide([verdict])[0]


def test_a_small_drop_everywhere_that_no_suite_can_show_fails_in_all_together() -> None:
    ten = [compared(f"bench_{n}.yaml", paired(4, 1, 40)) for n in range(10)]

    verdict = pooled(*ten)

    assert {decide([one.verdict])[0].outcome for one in ten} == {INCONCLUSIVE}
    assert (verdict.outcome, verdict.suite, verdict.id) == (FAIL, "all suites", "gate[quality]")
    assert (verdict.n, verdict.losses, verdict.gains, verdict.suites) == (400, 40, 10, 10)
    assert (verdict.before, verdict.value) == (pytest.approx(0.975), pytest.approx(0.9))
    assert verdict.reason == (
        "worse, -7.5 pt [-10.5, -4.7]: 40 lost, 10 won of 400 in 10 suites; p < 0.0001, margin 5 pt"
    )


def test_one_suite_is_not_pooled_however_many_strategies_it_has() -> None:
    pairing = paired(4, 1, 40)

    assert judge_pooled([]) is None
    assert judge_pooled([compared("a", pairing), compared("a", pairing, "careful")]) is None


def test_the_margin_is_that_of_the_cases_on_average() -> None:
    verdict = pooled(compared("a", paired(1, 0, 100), margin=0.02), compared("b", paired(1, 0, 300), margin=0.06))

    assert verdict.margin == pytest.approx(0.05)


@pytest.mark.parametrize(("other", "outcome"), [("any_drop", FAIL), ("drop_of_margin", INCONCLUSIVE)])
def test_any_drop_fails_where_all_suites_say_so(other: str, outcome: Outcome) -> None:
    """A drop of 3.5 points, surely, and within the margin of 5."""
    one = compared("a", paired(12, 3, 200), fail_on="any_drop")

    assert pooled(one, compared("b", paired(8, 3, 200), fail_on=other)).outcome is outcome


def test_cases_that_two_strategies_answered_are_one_piece_of_evidence() -> None:
    """The same ten cases lost by both: p is 2^-20 of single cases, and 2^-10 of cases asked twice."""
    lost = paired(5, 0, 50)

    verdict = pooled(*(compared(suite, lost, strategy) for suite in "ab" for strategy in ("cheap", "careful")))

    assert (verdict.p, verdict.groups, verdict.n) == (2**-10, 100, 200)
    assert "20 lower, 0 higher of 200 in 100 groups of 2 suites; p = 0.0010 by sign flips of whole groups" in (
        verdict.reason
    )


def test_groups_of_one_name_in_two_suites_are_two_groups() -> None:
    grouped = graded([1.0] * 20, [0.0] * 4 + [1.0] * 16, [str(place // 4) for place in range(20)])

    assert pooled(compared("a", grouped), compared("b", grouped)).groups == 10


def test_graded_suites_and_right_or_wrong_ones_are_judged_together() -> None:
    verdict = pooled(compared("a", paired(10, 0, 60)), compared("b", graded([0.9] * 60, [0.7] * 60)))

    assert (verdict.outcome, verdict.method) == (FAIL, "sign flips")


def test_it_passes_at_four_percent_so_that_its_rate_of_false_passes_holds() -> None:
    """Of 120 cases two are lost: z against 5 points is 1.68, above 1.645 and below 1.751."""
    alone = judge_quality(BLANK, QualityGate(), records(120, wrong=[0, 1]), paired(2, 0, 120))

    verdict = pooled(compared("a", paired(1, 0, 60)), compared("b", paired(1, 0, 60)))

    assert alone.outcome is PASS
    assert (verdict.outcome, verdict.losses, verdict.n) == (INCONCLUSIVE, 2, 120)
    assert verdict.possible is not None
    assert verdict.possible > 0.05
    assert pooled(compared("a", paired(1, 0, 70)), compared("b", paired(1, 0, 70))).outcome is PASS


def test_in_the_runs_family_it_is_one_more_test_and_among_suites_families_it_is_its_own() -> None:
    tested = [compared(f"bench_{n}.yaml", paired(6, 1, 60)) for n in range(2)]
    verdict = judge_pooled(tested)
    assert verdict is not None
    judged = [*(one.verdict for one in tested), verdict]

    of_run, of_suite = decide(judged), decide(judged, "suite")

    single, together = judged[0].p, verdict.p
    assert single is not None
    assert together is not None
    assert [v.p_adjusted for v in of_suite] == [single, single, together]
    assert [v.p_adjusted for v in of_run] == pytest.approx([2 * single, 2 * single, 3 * together])


def test_in_a_suites_family_only_its_own_strategies_are_corrected_for() -> None:
    judged = [compared(suite, paired(6, 1, 60), name).verdict for suite, name in ("aa", "ab", "ba")]

    p = judged[0].p
    assert p is not None
    assert [v.p_adjusted for v in decide(judged, "suite")] == [2 * p, 2 * p, p]


@pytest.mark.parametrize(
    ("suites", "family", "said"),
    [
        (12, "run", ""),
        (1, "suite", ""),
        (2, "suite", "2 suites and the verdict on all keep 5% of false alarms each, so that up to 14% of runs fail"),
        (12, "suite", "12 suites and the verdict on all keep 5% of false alarms each, so that up to 49% of runs fail"),
    ],
)
def test_how_often_a_run_errs_whose_suites_have_families_of_their_own_is_said(
    suites: int, family: str, said: str
) -> None:
    """1 - 0.95^3 is 14 %, 1 - 0.95^13 is 49 %."""
    assert said in false_alarms(suites, family)  # type: ignore[arg-type]
    assert bool(false_alarms(suites, family)) is bool(said)  # type: ignore[arg-type]
