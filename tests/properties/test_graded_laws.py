"""Laws of graded scores, repeats and groups: for any scores of any cases."""

from __future__ import annotations

import random
from typing import Any

from fakes.evidence import BLANK, graded
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_llmcost.domain.gate import Outcome, QualityGate, Verdict
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.quality import judge_quality

PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
margins = st.sampled_from([0.01, 0.05, 0.1, 0.2, 0.5])
fail_ons = st.sampled_from(["drop_of_margin", "any_drop", "beyond_margin"])

tenths = st.integers(0, 10).map(lambda tenth: tenth / 10)
trials = st.lists(tenths, min_size=1, max_size=3)


@st.composite
def comparisons(
    draw: st.DrawFn, fewest: int = 2, most: int = 30
) -> tuple[list[list[float]], list[list[float]], list[str | None]]:
    """Trials of the same cases before and now, and the cases' groups."""
    cases = draw(
        st.lists(st.tuples(trials, trials, st.sampled_from([None, *"abcdefgh"])), min_size=fewest, max_size=most)
    )
    before, now, groups = (list(side) for side in zip(*cases, strict=True))
    return before, now, groups


@st.composite
def drops(draw: st.DrawFn) -> tuple[list[list[float]], list[list[float]], list[str | None]]:
    """The same, where most cases score lower than before."""
    before, _, groups = draw(comparisons(fewest=5, most=12))
    kept = st.sampled_from([0.0, 0.0, 0.2, 0.5, 0.5, 1.0])
    return before, [[score * draw(kept) for score in own] for own in before], groups


def decided(pairing: Pairing, **gate: Any) -> Verdict:
    now = [pair.now for pair in pairing.pairs]
    return decide([judge_quality(BLANK, QualityGate(**gate), now, pairing)])[0]


Comparison = tuple[list[list[float]], list[list[float]], list[str | None]]


@given(comparisons(), margins, fail_ons)
def test_whatever_the_scores_and_groups_there_is_a_verdict_with_its_evidence(
    drawn: Comparison, margin: float, fail_on: str
) -> None:
    verdict = decided(graded(*drawn), margin=margin, fail_on=fail_on)

    assert verdict.outcome in (PASS, FAIL, INCONCLUSIVE)
    assert verdict.reason
    if verdict.basis == "test":
        assert None not in (verdict.estimate, verdict.lower, verdict.upper, verdict.possible, verdict.p)
        assert -1 <= verdict.lower <= verdict.estimate + 1e-9 <= verdict.upper + 2e-9 <= 1 + 3e-9  # type: ignore[operator]
    if verdict.outcome is FAIL:
        assert verdict.estimate is not None
        assert verdict.estimate < 0
        assert fail_on == "any_drop" or -verdict.estimate >= margin - 1e-9


@given(comparisons(), margins)
def test_groups_of_one_give_what_no_groups_give(drawn: Comparison, margin: float) -> None:
    before, now, _ = drawn
    alone = decided(graded(before, now), margin=margin)

    assert decided(graded(before, now, [str(n) for n in range(len(now))]), margin=margin) == alone


@given(comparisons(), st.sampled_from([0.3, 0.5, 0.7]))
def test_a_pass_excludes_the_margin_and_the_cases_could_show_it(drawn: Comparison, margin: float) -> None:
    verdict = decided(graded(*drawn), margin=margin)

    if verdict.outcome is PASS and verdict.basis == "test":
        assert verdict.possible is not None
        assert verdict.possible <= margin + 1e-6
        assert (1 - margin) ** (verdict.groups or verdict.n) <= 0.05 + 1e-9


@given(drops(), margins, fail_ons, st.data())
def test_one_more_drop_never_turns_a_failure_into_a_pass(
    drawn: Comparison, margin: float, fail_on: str, data: st.DataObject
) -> None:
    before, now, groups = drawn
    place = data.draw(st.integers(0, len(now) - 1))
    lower = [[0.0 for _ in own] if n == place else own for n, own in enumerate(now)]

    first = decided(graded(*drawn), margin=margin, fail_on=fail_on).outcome
    worse = decided(graded(before, lower, groups), margin=margin, fail_on=fail_on).outcome

    if first is FAIL:
        assert worse is not PASS


@given(drops(), margins, st.data())
def test_one_more_drop_among_few_cases_never_turns_a_failure_into_less(
    drawn: Comparison, margin: float, data: st.DataObject
) -> None:
    """Of one trial a side, in no group: all signs are tried, and a lower score makes no way to fall more likely."""
    before, now = ([own[0] for own in side] for side in drawn[:2])
    place = data.draw(st.integers(0, len(now) - 1))
    lower = [0.0 if n == place else score for n, score in enumerate(now)]
    first, worse = graded(before, now), graded(before, lower)
    # Right and wrong alone are judged by another test, and mid-p is smaller than the p of signs.
    assume(not all(pair.is_right_or_wrong for pair in first.pairs))

    if decided(first, margin=margin).outcome is FAIL:
        assert decided(worse, margin=margin).outcome is FAIL


@given(comparisons(), st.randoms(use_true_random=False))
def test_the_order_of_graded_cases_makes_no_difference(drawn: Comparison, shuffled: random.Random) -> None:
    cases = list(zip(*drawn, strict=True))
    shuffled.shuffle(cases)
    before, now, groups = (list(side) for side in zip(*cases, strict=True))

    first, other = decided(graded(*drawn)), decided(graded(before, now, groups))

    assert (other.outcome, other.p, other.reason) == (first.outcome, first.p, first.reason)
