"""When a strategy needs no more answers, whatever the order in which they come."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pytest_llmcost.assembly.early_stop import Question, Watch, in_random_order
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.saved import saved_by, saving_of
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.assembly.summing import entries_of, judge_entries, summary_of
from pytest_llmcost.costs.price_map import PriceMap
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.gate import CostGate, ErrorsGate, Gate, LatencyGate, Outcome, QualityGate
from pytest_llmcost.domain.suite import Case, Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import VERDICT_CERTAIN, Call, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.baseline import Baseline

PATH, MODEL = "bench_mail.yaml", "stub/small"
PRICES = {MODEL: {"input": 1, "output": 10}}
MODELS = Models(Settings(Path(), prices=PRICES), PriceTable(PRICES, PriceMap), {})
N = 200


def suite(n: int = N, cases: Mapping[int, Mapping[str, Any]] | None = None, repeats: int = 1, **gate: Any) -> Suite:
    """A suite of *n* cases, some with settings of their own, and one strategy that is held to *gate*."""
    named = tuple(
        Case(f"c{place:03}", {}, ("spam",), f"{place:012}", **((cases or {}).get(place, {}))) for place in range(n)
    )
    spec = StrategySpec("one", MODEL, Prompt(prompt="?"), {}, "text", calibrate=False, gate=Gate(**gate))
    return Suite(PATH, "mail", "", (), (spec,), (), 1.0, None, named, repeats=repeats)


def questions(asked: Suite) -> list[Question]:
    return in_random_order(asked, [(case, number) for case in asked.cases for number in range(1, asked.repeats + 1)])


def trial(question: Question, score: float | None = 1.0, tokens: int = 100, **changes: Any) -> Trial:
    case, number = question
    call = Call(MODEL, Usage(tokens, output_tokens=8), 0.25, Decimal("0.001"), Decimal("0.001"), 1, False, case.id)
    made = Trial(
        suite=PATH,
        strategy="one",
        case=case.id,
        trial=number,
        fingerprint=case.fingerprint,
        score=score,
        correct=None if score is None else score == 1,
        error="no answer" if score is None else None,
        calls=(call,),
        paid_usd=Decimal("0.001"),
        answer_sha256=f"{score}",
    )
    return dataclasses.replace(made, **changes)


def baseline(asked: Suite, **changes: Any) -> Baseline:
    """What the strategy did before: all right, with another prompt."""
    entry = next(iter(entries_of([asked], [trial(one, **changes) for one in questions(asked)], MODELS, {})))
    records = tuple(dataclasses.replace(record, answers="before") for record in entry.records)
    return Baseline("mail", {"one": dataclasses.replace(entry.record, fingerprint="before")}, records)


def watch(asked: Suite, before: Baseline | None = None, family: int = 1) -> Watch:
    return Watch(asked, asked.strategies[0], before, questions(asked), MODELS, family)


def taken(one: Watch, trials: Iterable[Trial]) -> int:
    """Let trials come in turn; return after how many the rest is not needed."""
    came = 0
    for came, one_trial in enumerate(trials, 1):
        one.take(one_trial)
        if why(one):
            return came
    return came


def why(one: Watch) -> str:
    """Why a case that may be wrong is not to be asked."""
    return one.reason(Case("any", {}, (), ""))


def right(asked: Suite) -> list[Trial]:
    return [trial(one) for one in questions(asked)]


def test_all_as_before_is_certain_after_146_cases_at_5_points() -> None:
    one = watch(asked := suite(), baseline(asked))
    assert taken(one, right(asked)) == 146
    assert why(one) == VERDICT_CERTAIN


def test_all_lost_is_certain_after_11_cases_and_after_more_where_many_suites_could_fail() -> None:
    asked = suite()
    lost = [trial(one, 0.0) for one in questions(asked)]
    assert taken(watch(asked, baseline(asked)), lost) == 11
    assert taken(watch(asked, baseline(asked), family=40), lost) == 17


@pytest.mark.parametrize("seed", range(3))
def test_the_order_in_which_answers_come_decides_nothing(seed: int) -> None:
    """Wrong answers may take longer: each waits for those before it in the random order."""
    asked = suite()
    trials = [trial(one, float(place % 3 > 0)) for place, one in enumerate(questions(asked))]
    decisive = taken(watch(asked, baseline(asked)), trials)
    shuffled = list(trials)
    Random(seed).shuffle(shuffled)
    late = watch(asked, baseline(asked))
    came = shuffled[: taken(late, shuffled)]
    assert set(map(id, trials[:decisive])) <= set(map(id, came))
    assert why(late) == VERDICT_CERTAIN
    without = watch(asked, baseline(asked))
    assert taken(without, trials[1:]) == N - 1  # the first is still missing
    assert not why(without)


def test_the_verdict_of_the_cases_that_were_asked_is_the_one_that_was_certain() -> None:
    """Neither too few common cases, nor partial, nor some that are gone; and it says what it saved."""
    asked = suite(coverage_min=1.0)
    before = baseline(asked)
    order = questions(asked)
    done = taken(watch(asked, before), [trial(one, 0.0) for one in order])
    now = [trial(one, 0.0) for one in order[: done + 3]]
    now += [trial(one, None, error=None, calls=(), not_run=VERDICT_CERTAIN) for one in order[done + 3 :]]
    (entry,) = entries_of([asked], now, MODELS, {PATH: before})
    verdicts = {verdict.metric: verdict for verdict in judge_entries([entry], MODELS, early_stop=1)}
    shown = summary_of(entry, tuple(verdicts.values()))
    assert (verdicts["quality"].outcome, verdicts["quality"].n) == (Outcome.FAIL, 11)
    assert verdicts["coverage"].outcome is Outcome.PASS
    assert (shown.cases, shown.is_partial) == (14, False)
    assert "stopped after 14 of 200 cases: 186 calls not made, about $0.19" in shown.notes
    assert not any("gone" in note for note in shown.notes)


@pytest.mark.parametrize(("accepted", "after"), [(0.0, 156), (0.051, N), (0.07, 156)])
def test_cases_without_an_answer_are_passed_over_and_not_waited_for(accepted: float, after: int) -> None:
    """Unless the rest may bring their rate, 10 of 156, down to what is accepted."""
    asked = suite(errors=ErrorsGate(max_rate=accepted))
    trials = right(asked)
    trials[:10] = [trial(question, None) for question in questions(asked)[:10]]
    assert taken(watch(asked, baseline(asked)), trials) == after


def test_trials_and_groups_are_looked_at_whole() -> None:
    groups = {place: {"group": f"g{place // 4}"} for place in range(40)}
    order = questions(asked := suite(cases=groups, repeats=2))
    units = [case.group or case.id for case, _ in order]
    assert [name for place, name in enumerate(units) if place == 0 or units[place - 1] != name] == list(
        dict.fromkeys(units)
    )
    one = watch(asked, baseline(asked))
    lost = [trial(question, 0.0) for question in order]
    done = taken(one, lost)
    assert len(set(units[:done])) == 11
    assert units[done] != units[done - 1]


def test_the_order_is_the_same_whichever_cases_are_chosen() -> None:
    asked = suite()
    order = questions(asked)
    some = [one for one in order if int(one[0].id[1:]) % 3]
    assert in_random_order(asked, reversed(some)) == some
    assert [case.id for case, _ in order] != sorted(case.id for case, _ in order)


@pytest.mark.parametrize(
    ("case", "score", "said"),
    [
        ({"must_pass": True}, 0.0, VERDICT_CERTAIN),
        ({"strict": True}, 0.0, VERDICT_CERTAIN),
        ({"must_pass": True}, 1.0, ""),
        ({"must_pass": True}, None, ""),  # (not answered is not wrong)
        ({"must_pass": True, "quarantine": "until later"}, 0.0, ""),
        ({"must_pass": 2}, 0.0, VERDICT_CERTAIN),  # of 2 trials both have to be right
        ({"must_pass": 1}, 0.0, ""),
    ],
)
def test_a_case_that_had_to_be_right_ends_it(case: dict[str, Any], score: float | None, said: str) -> None:
    asked = suite(cases={7: case}, repeats=2)
    one = watch(asked)
    one.take(trial((asked.cases[7], 1), score))
    assert why(one) == said


@pytest.mark.parametrize("case", [{"must_pass": True}, {"strict": True}, {"must_pass": 1}])
def test_after_a_pass_the_cases_that_have_to_be_right_are_still_asked(case: dict[str, Any]) -> None:
    """Or a run would pass with one of them wrong; where one is, the others are not needed either."""
    last, critical = questions(suite())[-1][0], questions(suite())[-2:]
    places = {int(one.id[1:]): case for one, _ in critical}
    one = watch(asked := suite(cases=places), baseline(asked))
    trials = right(asked)
    assert taken(one, trials) == 146
    order = questions(asked)
    assert [one.reason(question[0]) for question in order[-3:]] == [VERDICT_CERTAIN, "", ""]
    assert [one.is_wanted(*question, at_least=1) for question in order[-3:]] == [False, True, True]
    one.take(trial(order[-2], 0.0))
    assert (one.reason(order[-1][0]), order[-1][0].id) == (VERDICT_CERTAIN, last.id)


def test_after_a_fail_no_case_is_asked() -> None:
    one = watch(asked := suite(cases={place: {"must_pass": 1} for place in range(N)}, repeats=2), baseline(asked))
    for question in questions(asked):
        one.take(trial(question, float(question[1] == 1)))
    assert one.reason(asked.cases[0]) == VERDICT_CERTAIN


def test_a_number_of_trials_that_was_not_needed_is_no_number_that_was_missed() -> None:
    asked = suite(cases={place: {"must_pass": 1} for place in range(N)})
    before, order = baseline(asked), questions(asked)
    now = [trial(one, 0.0 if place else 1.0) for place, one in enumerate(order[:30])]
    now += [trial(one, None, error=None, calls=(), not_run=VERDICT_CERTAIN) for one in order[30:]]
    (entry,) = entries_of([asked], now, MODELS, {PATH: before})
    (verdict,) = [v for v in judge_entries([entry], MODELS, early_stop=1) if v.metric == "must_pass"]
    assert (verdict.n, len(verdict.lost)) == (30, 29)


def test_a_trial_that_is_told_twice_counts_once() -> None:
    """As with --dist=each, and where a test is run again."""
    asked = suite(cases={7: {"must_pass": 1}}, repeats=2)
    one = watch(asked)
    for _ in range(2):
        one.take(trial((asked.cases[7], 1), 0.0))
    assert not why(one)


def test_a_budget_that_is_spent_ends_it_with_its_own_reason() -> None:
    one = watch(asked := suite(), baseline(asked))
    one.take(trial(questions(asked)[0], None, error=None, not_run="budget reached ($0.50)"))
    assert why(one) == "budget reached ($0.50)"


def test_without_a_baseline_only_a_floor_out_of_reach_ends_it() -> None:
    assert taken(watch(asked := suite()), right(asked)) == N
    floored = suite(quality=QualityGate(min=0.9))
    assert taken(watch(floored), [trial(one, 0.0) for one in questions(floored)]) == 21  # 179 of 200 are under 90 %


def test_a_new_strategy_in_an_old_suite_is_asked_whole() -> None:
    other = baseline(asked := suite())
    one = watch(asked, dataclasses.replace(other, strategies={}, records=()))
    assert taken(one, right(asked)) == N
    assert not why(one)


def test_a_pass_waits_until_the_floor_is_certain_to_hold() -> None:
    """Nothing changed; but 85 % right may be 80 % of all cases."""
    for floor, most in ((0.5, 150), (0.80, N)):
        asked = suite(quality=QualityGate(min=floor))
        scores = {one[0].id: float(place % 7 > 0) for place, one in enumerate(questions(asked))}
        before = baseline(asked)
        old = tuple(dataclasses.replace(record, scores=(scores[record.case],)) for record in before.records)
        trials = [trial(one, scores[one[0].id]) for one in questions(asked)]
        assert taken(watch(asked, dataclasses.replace(before, records=old)), trials) in range(most - 10, most + 1)


@pytest.mark.parametrize(
    ("tokens", "gate", "is_stopped"),
    [
        (100, {"cost": CostGate(max_increase=0.10)}, True),
        (103, {"cost": CostGate(max_increase=0.10)}, True),
        (140, {"cost": CostGate(max_increase=0.10)}, False),
        (140, {}, True),  # what only warns may wait
        (100, {"cost": CostGate(max_usd_per_case=Decimal("0.0001"))}, False),
    ],
)
def test_a_pass_waits_for_what_else_could_fail(tokens: int, gate: dict[str, Any], is_stopped: bool) -> None:
    one = watch(asked := suite(**gate), baseline(asked))
    varied = [trial(question, tokens=tokens + place % 2) for place, question in enumerate(questions(asked))]
    assert (taken(one, varied) < N) is is_stopped


def test_a_cost_that_just_passes_is_no_reason_to_stop() -> None:
    """Its interval ends below the accepted increase, and would not if it were half as wide again."""
    asked = suite(cost=CostGate(max_increase=0.10))
    noisy = [trial(one, tokens=67 if place % 2 else 155) for place, one in enumerate(questions(asked))]
    clear = [trial(one, tokens=98 if place % 2 else 104) for place, one in enumerate(questions(asked))]
    assert taken(watch(asked, baseline(asked)), noisy) == N
    assert taken(watch(asked, baseline(asked)), clear) < N


def test_a_95th_percentile_has_the_cases_that_it_needs() -> None:
    wide = {"quality": QualityGate(margin=0.3)}
    asked = suite(**wide)
    assert taken(watch(asked, baseline(asked)), right(asked)) < 59
    asked = suite(**wide, latency=LatencyGate(p95_seconds=5))
    assert taken(watch(asked, baseline(asked)), right(asked)) == 59


def test_no_more_is_asked_ahead_than_the_verdict_is_away() -> None:
    one = watch(asked := suite(), baseline(asked))
    assert one.is_wanted(*questions(asked)[N - 1], at_least=4)  # nothing is known yet
    for came in right(asked)[:140]:
        one.take(came)
    assert one.is_wanted(*questions(asked)[143], at_least=4)
    assert one.is_wanted(*questions(asked)[145], at_least=4)
    assert not one.is_wanted(*questions(asked)[150], at_least=4)
    assert one.is_wanted(*questions(asked)[150], at_least=20)
    for came in right(asked)[140:]:
        one.take(came)
    assert not one.is_wanted(*questions(asked)[146], at_least=20)


def test_a_pass_that_waits_for_another_bound_asks_ahead_as_ever() -> None:
    one = watch(asked := suite(cost=CostGate(max_usd_per_case=Decimal("0.0001"))), baseline(asked))
    for came in right(asked)[:160]:
        one.take(came)
    assert one.is_wanted(*questions(asked)[N - 1], at_least=4)


def test_what_is_said_to_be_saved_is_the_mean_of_what_was_asked() -> None:
    order = questions(suite(10))
    now = [trial(one) for one in order[:4]]
    now += [trial(one, None, error=None, calls=(), not_run=VERDICT_CERTAIN) for one in order[4:]]
    saved = saved_by(now)
    assert (saved.calls, saved.usd) == (6, Decimal("0.006"))
    assert saving_of(now) == "stopped after 4 of 10 cases: 6 calls not made, about $0.0060"
