"""What a verdict says, to the word: the sentence is the product."""

from __future__ import annotations

import dataclasses

import pytest
from fakes.evidence import BLANK, graded, measured, paired

from pytest_llmcost.domain.gate import Outcome, QualityGate
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.explain import explain
from pytest_llmcost.gate.increase import judge_increase
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.quality import judge_quality


def quality(losses: int, gains: int, n: int, margin: float = 0.05) -> str:
    pairing = paired(losses, gains, n)
    judged = judge_quality(BLANK, QualityGate(margin=margin), [pair.now for pair in pairing.pairs], pairing)
    return decide([judged])[0].reason


def seconds(base: list[float], cand: list[float], accepted: float) -> str:
    blank = dataclasses.replace(BLANK, metric="latency")
    judged = judge_increase(blank, accepted, lambda r: r.seconds_per_trial, measured(base, cand))
    return decide([judged])[0].reason


def test_an_inconclusive_verdict_says_what_is_possible_and_what_would_settle_it() -> None:
    assert quality(2, 1, 40) == (
        "cannot tell: 2 lost, 1 won of 40; a drop of some 12 pt is possible; "
        "about 196 more cases would settle 5 pt if nothing changed"
    )


def test_where_the_drop_is_no_accident_of_size_no_number_of_cases_is_promised() -> None:
    assert quality(3, 0, 40) == (
        "cannot tell: 3 lost, 0 won of 40; a drop of some 17 pt is possible; "
        "more cases alone are not expected to settle 5 pt"
    )


def test_too_few_cases_say_the_drop_that_they_cannot_exclude_even_when_all_got_better() -> None:
    """1 - 0.05^(1/40) is 7.2 points: 40 cases might not have shown such a drop at all."""
    assert quality(0, 5, 40).startswith(
        "better, +12.5 pt [+5.4, +23.5]: 0 lost, 5 won of 40; yet a drop of some 7 pt is possible; about 314 more"
    )


def test_a_fine_margin_is_shown_as_it_was_written() -> None:
    assert "would settle 2.5 pt" in quality(0, 0, 100, margin=0.025)


def test_a_failure_shows_drop_interval_counts_p_and_margin() -> None:
    assert quality(12, 2, 100) == ("worse, -10.0 pt [-16.7, -4.3]: 12 lost, 2 won of 100; p = 0.0037, margin 5 pt")


def test_a_certain_failure_rounds_no_p_to_nought() -> None:
    assert quality(40, 0, 100).endswith("; p < 0.0001, margin 5 pt")


def test_a_pass_says_which_drop_is_excluded() -> None:
    assert quality(2, 2, 200) == "+0.0 pt [-2.1, +2.1]: 2 lost, 2 won of 200; no drop of 5 pt"
    assert quality(0, 20, 100).startswith("better, +20.0 pt [")


def test_what_fails_alone_and_not_among_many_says_so() -> None:
    pairing = paired(9, 3, 100)
    judged = judge_quality(BLANK, QualityGate(), [pair.now for pair in pairing.pairs], pairing)

    reasons = {v.reason for v in decide([judged, judged])}

    assert len(reasons) == 1
    assert reasons.pop().endswith("; alone it would fail (p = 0.0461), corrected for the number of tests p = 0.0923")


def graded_quality(pairing: Pairing, margin: float = 0.05) -> str:
    now = [pair.now for pair in pairing.pairs]
    return decide([judge_quality(BLANK, QualityGate(margin=margin), now, pairing)])[0].reason


SPREAD = [0.5 + place / 200 for place in range(80)]


def test_graded_scores_say_how_many_scored_lower_and_by_which_test() -> None:
    assert graded_quality(graded(SPREAD, [score - 0.1 for score in SPREAD])) == (
        "worse, -10.0 pt [-10.0, -10.0]: 80 lower, 0 higher of 80; p = 0.0001 by sign flips, margin 5 pt"
    )
    assert graded_quality(graded(SPREAD, [score + 0.02 * (-1) ** n for n, score in enumerate(SPREAD)])) == (
        "+0.0 pt [-0.4, +0.4]: 40 lower, 40 higher of 80; no drop of 5 pt"
    )


def test_doubtful_graded_scores_say_the_drop_that_the_score_rule_leaves_and_what_would_settle_it() -> None:
    """s^2 is 0.04 x 40/39, so that (1.6449 sqrt(s^2 + 0.0475) + 0.8416 sqrt(s^2))^2/0.05^2 is 175, 135 more."""
    wide = graded([0.5] * 40, [0.3, 0.7] * 20)

    assert graded_quality(wide) == (
        "cannot tell: +0.0 pt [-5.4, +5.4]: 20 lower, 20 higher of 40; p = 0.5602 by sign flips; "
        "a drop of some 9 pt is possible; about 135 more cases would settle 5 pt if nothing changed"
    )


def test_repeats_are_told_equal_and_unequal() -> None:
    """Of the unequal ones each has 1 of 4 ways to be higher: 0.75^20 is 0.0032, drawn 0.0039."""
    equal = graded([(1, 1, 1)] * 20, [(1, 1, 0)] * 20)
    unequal = graded([1] * 20, [(1, 1, 0)] * 20)

    assert "20 lower, 0 higher of 20, means of 3 trials; p = 0.0001 by sign flips," in graded_quality(equal)
    assert (
        "20 lower, 0 higher of 20, means of 1 trial before and 3 now; p = 0.0039 by sign flips and exchanged trials,"
    ) in graded_quality(unequal)


@pytest.mark.parametrize(
    ("groups", "p", "said"),
    [
        (4, "p = 0.0625", "; under 5 groups no drop can fail"),
        (9, "p = 0.0020", "; 9 groups are few: 10 or more make it reliable"),
        (10, "p = 0.0010", ""),
    ],
)
def test_groups_are_counted_and_few_of_them_are_warned_of(groups: int, p: str, said: str) -> None:
    named = [str(place % groups) for place in range(40)]

    reason = graded_quality(graded([1.0] * 40, [0.8] * 40, named))

    assert f"40 lower, 0 higher of 40 in {groups} groups; {p} by sign flips of whole groups" in reason
    assert reason.endswith(f"5 pt{said}")


def test_what_would_settle_it_is_told_in_groups() -> None:
    same = graded([0.5] * 60, [0.5] * 60, [str(place // 3) for place in range(60)])

    assert graded_quality(same).endswith(
        "a drop of some 14 pt is possible; about 39 more groups of such cases would settle 5 pt if nothing changed"
    )


def test_an_increase_is_told_in_per_cent() -> None:
    base = [1.0, 1.1, 0.9, 1.0, 1.05, 0.95]

    assert seconds(base, [2 * b for b in base], 0.5) == (
        "more, +100.0% [+100.0%, +100.0%] over 6 cases; p < 0.0001, accepted +50%"
    )
    assert seconds(base, [1.25 * b for b in base], 0.5) == "+25.0% [+25.0%, +25.0%] over 6 cases; accepted +50%"
    assert seconds(base, base[::-1], 0.025).startswith("cannot tell: +0.0% [")
    assert seconds(base, base[::-1], 0.025).endswith("; accepted +2.5%")


def test_an_increase_of_which_nothing_is_known_is_still_a_sentence() -> None:
    assert seconds([0.0, 1.0], [0.0, 3.0], 0.1) == "cannot tell: +200.0% [-100.0%, +inf%] over 2 cases; accepted +10%"


@pytest.mark.parametrize("metric", ["quality", "cost"])
def test_a_test_without_its_evidence_is_a_fault_of_ours(metric: str) -> None:
    with pytest.raises(ValueError, match="carries its evidence"):
        explain(dataclasses.replace(BLANK, metric=metric, outcome=Outcome.PASS, basis="test"))
