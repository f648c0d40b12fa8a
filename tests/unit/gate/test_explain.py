"""What a verdict says, to the word: the sentence is the product."""

from __future__ import annotations

import dataclasses

import pytest
from fakes.evidence import BLANK, measured, paired

from pytest_llmcost.domain.gate import Outcome, QualityGate
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.explain import explain
from pytest_llmcost.gate.increase import judge_increase
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
    assert quality(0, 5, 40).startswith("cannot tell: 0 lost, 5 won of 40; a drop of some 7 pt is possible;")


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
    assert reasons.pop().endswith("; alone it would fail (p = 0.0461), among this run's tests p = 0.0923")


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
