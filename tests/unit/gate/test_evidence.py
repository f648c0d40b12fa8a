"""Graded scores, repeats and groups: when they fail, when they pass, and what a doubtful case comes to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes.evidence import BLANK, graded, paired

from pytest_llmcost.domain.gate import Outcome, QualityGate, Verdict
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.evidence import evidence_of
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.quality import judge_quality
from pytest_llmcost.statistics.permutation import sign_flip, within_case_permutation

PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
GOLDEN = json.loads((Path(__file__).parents[2] / "statistics" / "golden.json").read_text())


def judged(pairing: Pairing, **gate: Any) -> Verdict:
    now = [pair.now for pair in pairing.pairs]
    return decide([judge_quality(BLANK, QualityGate(**gate), now, pairing)])[0]


def changed(diffs: Sequence[float], groups: Sequence[Any] = ()) -> Pairing:
    """Cases that changed by *diffs*; the sides are kept within 0..1."""
    named = [None if group is None else str(group) for group in groups]
    return graded([max(0.0, -diff) for diff in diffs], [max(0.0, diff) for diff in diffs], named)


# -- the numbers


@pytest.mark.parametrize("row", GOLDEN["sign_flip"])
def test_p_of_graded_scores_is_that_of_sign_flips(row: dict[str, Any]) -> None:
    verdict = judged(graded([0.5 - d / 2 for d in row["diffs"]], [0.5 + d / 2 for d in row["diffs"]]))

    assert verdict.p == pytest.approx(row["p_one_sided_worse"], rel=1e-6)


@pytest.mark.parametrize("row", GOLDEN["graded_pass"], ids=lambda row: f"{len(row['diffs'])} cases")
def test_a_pass_is_that_of_the_score_rule(row: dict[str, Any]) -> None:
    verdict = judged(changed(row["diffs"]), margin=row["margin"])

    is_provable = (1 - row["margin"]) ** len(row["diffs"]) <= 0.05
    assert (verdict.outcome is PASS) == (row["pass_score_at_05"] and is_provable)


@pytest.mark.parametrize("row", GOLDEN["mean_diff_cluster"])
def test_the_interval_is_students_and_with_groups_that_of_whole_groups(row: dict[str, Any]) -> None:
    alone, grouped = (evidence_of(changed(row["diffs"], groups), 0.05) for groups in ((), row["groups"]))

    assert [alone.change, alone.interval.lower, alone.interval.upper] == pytest.approx(
        [row["mean"], *row["iid_ci90"]], rel=1e-6
    )
    assert [grouped.change, grouped.interval.lower, grouped.interval.upper] == pytest.approx(
        [row["mean"], *row["jackknife_ci90"]], rel=1e-6
    )


def test_the_interval_ends_where_no_score_can_reach() -> None:
    verdict = judged(graded([0.0, 0.9], [1.0, 0.0]))

    assert (verdict.lower, verdict.upper) == (-1.0, 1.0)


def test_with_unequal_trials_p_is_the_larger_of_signs_and_exchanged_trials() -> None:
    """1 trial before and 3 now: signs call cases that are right in 9 of 10 trials worse too often.

    3 before and 1 now, half of them lost and half won: exchanged trials would call that worse in 1 of 8 runs.
    """
    often_right = graded([1.0] * 8, [(1, 1, 1)] * 4 + [(1, 1, 0)] * 4)
    no_net_change = graded([(1, 1, 1)] * 10 + [(0, 0, 0)] * 6 + [(1, 0, 1)], [0.0] * 10 + [1.0] * 7)

    signs, labels = (
        [(sign_flip(p.changes), within_case_permutation(*sides(p)))[which] for p in (often_right, no_net_change)]
        for which in (0, 1)
    )
    assert signs[0] < labels[0]
    assert labels[1] < signs[1]
    assert [judged(often_right).p, judged(no_net_change).p] == [labels[0], signs[1]]


def sides(pairing: Pairing) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    return [pair.before.scores for pair in pairing.pairs], [pair.now.scores for pair in pairing.pairs]


# -- verdicts


def test_a_drop_of_every_case_fails_and_a_small_one_passes() -> None:
    scores = [0.5 + place / 200 for place in range(80)]

    assert judged(graded(scores, [score - 0.1 for score in scores])).outcome is FAIL
    assert judged(graded(scores, [score - 0.01 for score in scores])).outcome is PASS
    assert judged(graded(scores, [score - 0.04 for score in scores])).outcome is INCONCLUSIVE


def test_a_certain_drop_within_the_margin_fails_only_on_any_drop() -> None:
    scores = [0.5 + place / 200 for place in range(80)]
    lower = graded(scores, [score - 0.04 for score in scores])

    assert judged(lower, fail_on="drop_of_margin").outcome is INCONCLUSIVE
    assert judged(lower, fail_on="any_drop").outcome is FAIL


def test_beyond_margin_waits_until_the_whole_interval_is() -> None:
    diffs = [-0.5, 0.0, 0.0, 0.0, -0.2] * 12  # -14 points [-18, -10]

    assert judged(changed(diffs), margin=0.11).outcome is FAIL
    assert judged(changed(diffs), margin=0.11, fail_on="beyond_margin").outcome is INCONCLUSIVE
    assert judged(changed(diffs), margin=0.05, fail_on="beyond_margin").outcome is FAIL


def test_a_drop_of_just_the_margin_is_one_whatever_binary_fractions_make_of_it() -> None:
    """(0.7 - 0.65) is 0.04999999999999993, and the mean of 21 such drops and 3 of none 0.049999999999999996."""
    points = [7, 2, 5, 0, 10, 5, 2, 10, 7, 8, 5, 3, 8, 3, 0, 5, 10, 7, 5, 5, 3, 0, 3, 7]

    assert judged(graded([0.7] * 20, [0.65] * 20)).outcome is FAIL
    assert judged(changed([-point / 100 for point in points])).outcome is FAIL


def test_few_cases_cannot_pass_however_equal_they_are() -> None:
    half = [0.5] * 59

    assert judged(graded(half, half)).outcome is PASS
    assert judged(graded(half[1:], half[1:])).outcome is INCONCLUSIVE


def test_repeats_of_a_case_are_one_case() -> None:
    """Five cases that lost 2 of 3 trials: 5 signs, not 15."""
    verdict = judged(graded([(1, 1, 1)] * 5, [(1, 0, 0)] * 5))

    assert (verdict.p, verdict.n, verdict.trials) == (2**-5, 5, (3, 3))


def test_means_that_differ_by_rounding_alone_are_equal() -> None:
    """0.1 three times is 0.30000000000000004 in all."""
    verdict = judged(graded([(0.1, 0.1, 0.1)] * 80, [0.1] * 80), fail_on="any_drop")

    assert (verdict.outcome, verdict.losses, verdict.gains, verdict.p) == (PASS, 0, 0, 1.0)


def test_cases_of_a_group_are_one_piece_of_evidence() -> None:
    """40 cases all lost: alone that is certain, in 4 groups it is 1 of 16 ways to fall."""
    lost, groups = [-1.0] * 40, [place // 10 for place in range(40)]

    assert judged(changed(lost)).outcome is FAIL
    verdict = judged(changed(lost, groups))
    assert (verdict.outcome, verdict.p, verdict.groups) == (INCONCLUSIVE, 2**-4, 4)
    assert judged(changed(lost, [place // 8 for place in range(40)])).outcome is FAIL


def test_groups_pass_only_where_so_many_groups_could_show_it() -> None:
    same = [0.0] * 590

    assert judged(changed(same, [place // 10 for place in range(590)])).outcome is PASS
    assert judged(changed(same, [place // 20 for place in range(590)])).outcome is INCONCLUSIVE


def test_groups_pass_only_where_a_large_one_does_not_hide_a_drop() -> None:
    """Of 200 groups a single one is lost: among their means that is little, among their cases it is a third."""
    groups = [*range(200), *[0] * 100]
    diffs = [-1.0] + [0.0] * 199 + [-1.0] * 100

    assert judged(changed([-1.0] + [0.0] * 199)).outcome is PASS
    verdict = judged(changed(diffs, groups))
    assert verdict.outcome is INCONCLUSIVE
    assert verdict.possible is not None
    assert verdict.possible > 0.33


def test_groups_pass_only_where_the_score_rule_does() -> None:
    """1 of 80 groups is lost: the jackknife interval ends above -5 points, the score rule's does not."""
    groups = [place // 2 for place in range(160)]
    diffs = [-1.0] * 2 + [0.0] * 158

    verdict = judged(changed(diffs, groups))

    assert verdict.outcome is INCONCLUSIVE
    assert verdict.lower is not None
    assert verdict.possible is not None
    assert -verdict.lower < 0.05 < verdict.possible


# -- whatever may come


def test_g04_one_case_has_a_verdict_that_says_so() -> None:
    verdict = judged(graded([0.5], [0.4]))

    assert (verdict.outcome, verdict.reason) == (INCONCLUSIVE, "too few common cases: 1 of the baseline's 1")


def test_g04_two_cases_have_a_verdict() -> None:
    verdict = judged(graded([0.5, 0.5], [0.4, 0.3]))

    assert (verdict.outcome, verdict.p) == (INCONCLUSIVE, 0.25)
    assert verdict.reason.startswith("cannot tell: -15.0 pt [")


@pytest.mark.parametrize("score", [0.0, 0.3, 1.0])
def test_g04_equal_scores_have_a_verdict(score: float) -> None:
    few, many = (judged(graded([(score, score)] * n, [score] * n)) for n in (20, 80))

    assert (few.outcome, few.estimate) == (INCONCLUSIVE, 0.0)
    assert (many.outcome, many.estimate) == (PASS, 0.0)


def test_g04_one_group_is_inconclusive_and_says_why() -> None:
    verdict = judged(changed([-1.0] * 50, ["mail"] * 50))

    assert (verdict.outcome, verdict.basis, verdict.p) == (INCONCLUSIVE, "none", None)
    assert verdict.reason == "all 50 common cases are in one group, and one group tells nothing of others"


def test_g04_groups_of_one_are_no_groups() -> None:
    assert judged(paired(12, 2, 100)) == judged(
        graded([1.0] * 12 + [0.0] * 2 + [1.0] * 86, [0.0] * 12 + [1.0] * 88, [str(n) for n in range(100)])
    )


def test_g04_unequal_trials_have_a_verdict_that_says_so() -> None:
    verdict = judged(graded([(1, 1, 1)] * 60, [0.0] * 30 + [(1.0, 0.0)] * 30))

    assert (verdict.outcome, verdict.trials) == (FAIL, (3, 2))
    assert "means of 3 trials before and 2 now; p = 0.0001 by sign flips and exchanged trials" in verdict.reason


def test_a_margin_of_nothing_can_fail_and_never_pass() -> None:
    assert judged(changed([-0.5] * 20), margin=0.0).outcome is FAIL
    assert judged(changed([0.5] * 200), margin=0.0).outcome is INCONCLUSIVE


def test_a_floor_on_graded_scores_speaks_of_an_average() -> None:
    pairing = graded([0.5, 0.7], [0.5, 0.7])

    assert judged(pairing, min=0.7).reason == "60.0% on average is below the floor of 70.0%"
