"""How a gate behaves when nothing changed, and what it would take to be surer."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from decimal import Decimal

import pytest
from fakes.evidence import BLANK, record, records

from pytest_llmcost.domain.gate import QualityGate
from pytest_llmcost.gate.aa import Answer, Subject, answer
from pytest_llmcost.gate.quality import judge_quality
from pytest_llmcost.gate.records import CaseRecord
from pytest_llmcost.gate.rehearsal import Rehearsal
from pytest_llmcost.gate.unchanged import Unchanged

PRICE = Decimal("0.001")


def subject(cases: Sequence[CaseRecord], discordance: float | None = 0.10, groups: int = 0, **gate: object) -> Subject:
    named = {one.case: str(place % groups) for place, one in enumerate(cases)} if groups else {}
    return Subject("bench_mail.yaml", "mail", "cheap", QualityGate(**gate), Unchanged(cases, named, discordance), PRICE)


def asked(one: Subject, margin: float | None = None, rounds: int = 100) -> Answer:
    return answer([one], margin=margin, rounds=rounds).each[0]


def test_a_verdict_from_memory_is_the_gate_s_own() -> None:
    """Equal numbers of cases lost and won are judged once, and every run as if it had been judged."""
    for gate in (QualityGate(), QualityGate(min=0.72)):
        system = Unchanged(records(40, wrong=range(10)), {}, 0.2)
        rehearsal = Rehearsal(BLANK.suite, BLANK.strategy, gate, system, seed=0)
        for run, found in zip(rehearsal.runs(60), rehearsal.judge(60), strict=True):
            itself = judge_quality(BLANK, gate, [pair.now for pair in run.pairs], run)
            assert (found.outcome, found.p, found.may_fail) == (itself.outcome, itself.p, itself.may_fail)


def test_equal_seeds_give_equal_answers_and_others_do_not() -> None:
    one = subject(records(60, wrong=range(20)), 0.2)
    first, again, other = (answer([one], rounds=80, seed=seed).each[0] for seed in (1, 1, 2))
    assert (first.fails, first.passes, first.drop) == (again.fails, again.passes, again.drop)
    assert (first.fails, first.passes, first.drop) != (other.fails, other.passes, other.drop)


def test_every_simulated_run_fails_passes_or_cannot_tell() -> None:
    found = asked(subject(records(80, wrong=range(20))))
    assert found.fails.hits + found.inconclusive.hits + found.passes.hits == found.fails.rounds == 100
    assert found.fails.interval.lower <= found.fails.value <= found.fails.interval.upper


def test_a_suite_too_small_for_its_margin_never_passes_and_a_large_quiet_one_always_does() -> None:
    assert asked(subject(records(40, wrong=range(4)))).passes.hits == 0
    assert asked(subject(records(300, wrong=range(30)), 0.02)).passes.hits == 100


def test_a_floor_within_reach_of_chance_is_a_false_alarm_too() -> None:
    cases = records(100, wrong=range(30))
    assert asked(subject(cases, min=0.5)).fails.value < 0.1
    assert asked(subject(cases, min=0.7)).fails.value > 0.3


def test_the_smallest_drop_is_caught_in_four_of_five_runs_and_a_point_less_is_not() -> None:
    one = subject(records(200, wrong=range(20)))
    found = asked(one, rounds=400)
    assert found.drop is not None
    again = Rehearsal(one.suite, one.strategy, one.gate, one.system, seed=99)
    assert again.fails(300, found.drop).value == pytest.approx(0.80, abs=0.08)
    assert again.fails(300, found.drop - 0.015).value < 0.78


def test_more_cases_catch_smaller_drops() -> None:
    drops = [asked(subject(records(n, wrong=range(n // 5))), rounds=60).drop for n in (60, 120, 400)]
    assert drops == sorted(drops, reverse=True, key=lambda drop: drop or math.inf)


@pytest.mark.parametrize("cases", [records(4), records(60, wrong=range(60))], ids=["four cases", "nothing to lose"])
def test_where_no_drop_can_fail_none_is_named(cases: list[CaseRecord]) -> None:
    found = asked(subject(cases, groups=4 if len(cases) == 60 else 0))
    assert (found.drop, found.caught) == (None, None)


def test_what_a_margin_needs_is_told_in_cases_and_in_money() -> None:
    """(1.645 + 0.842)^2 x 0.10 / 0.05^2 = 247 cases; for 2 points 1,546; a tenth of a cent each."""
    own, wished = asked(subject(records(200, wrong=range(60))), margin=0.02, rounds=20).needed
    assert (own.margin, wished.margin) == (0.05, 0.02)
    assert (own.cases, wished.cases) == pytest.approx((247, 1546), abs=1)
    assert own.cases_usd == own.cases * PRICE


def test_more_trials_make_up_for_cases_where_noise_is_what_is_in_the_way() -> None:
    few = asked(subject(records(120, wrong=range(60)))).needed[0]
    assert few.trials is not None
    assert 1 < few.trials < 12
    assert few.trials_usd == few.trials * 120 * PRICE
    # 60 cases of no noise at all are just enough for 5 points by right and wrong, and too few for graded means.
    assert asked(subject(records(60, wrong=range(30)))).needed[0].trials is None


def test_a_suite_that_is_large_enough_needs_nothing_more() -> None:
    enough = asked(subject(records(400, wrong=range(40)), 0.05), rounds=30).needed[0]
    assert enough.cases < 400
    assert enough.trials == 1


def test_with_groups_it_is_they_that_count() -> None:
    cases = records(200, wrong=range(0, 200, 10))
    alone, grouped = (asked(subject(cases, groups=groups), rounds=40) for groups in (0, 40))
    assert grouped.passes.value < alone.passes.value
    assert grouped.drop is None or alone.drop is None or grouped.drop > alone.drop
    needed = grouped.needed[0]
    assert needed.groups > 40
    assert needed.cases == 5 * needed.groups


def test_repeats_speak_for_themselves() -> None:
    cases = [record(f"c{place}", *scores) for place, scores in enumerate([(1, 1, 1), (1, 1, 0), (0, 0, 0)] * 30)]
    found = asked(subject(cases, None), margin=0.02, rounds=40)
    assert found.subject.system.trials == 3
    assert found.fails.value < 0.1
    assert found.needed[1].cases_usd == found.needed[1].cases * 3 * PRICE


def test_trials_that_are_there_already_are_counted_in() -> None:
    """By hand: right half the time, 25 trials leave a change the variance 2/4/25 = 0.02, which 120 cases can bear."""
    cases = [record(f"c{place}", *scores) for place, scores in enumerate([(1, 1, 0), (1, 0, 0)] * 60)]
    assert asked(subject(cases, None), rounds=20).needed[0].trials == pytest.approx(25, abs=2)


def test_a_run_of_many_verdicts_is_corrected_for_their_number() -> None:
    """Alone each of 6 fails in some 5 %, each with a luck of its own; together, uncorrected, any would in 25 %."""
    one = subject(records(40, wrong=range(20)), 0.4, fail_on="any_drop")
    found = answer([dataclasses.replace(one, strategy=f"s{place}") for place in range(6)], rounds=100)
    assert sum(each.fails.hits for each in found.each) > 16
    assert found.run_fails.rounds == 100
    assert found.run_fails.value <= 0.12


def test_a_margin_of_nothing_cannot_be_shown_by_any_number() -> None:
    assert asked(subject(records(80), margin=0.0)).needed == ()
    assert [needed.margin for needed in asked(subject(records(80), margin=0.0), margin=0.05).needed] == [0.05]
