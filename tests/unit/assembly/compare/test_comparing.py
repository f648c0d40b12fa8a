"""From sides to a comparison: whom with whom, on which cases, at which prices, and what comes of it."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fakes.runs import PRICES, SUITE, Did, run_of

from pytest_llmcost.assembly.compare.comparing import compare
from pytest_llmcost.assembly.compare.sides import Compared
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.assembly.sides import side_of_run
from pytest_llmcost.costs.price_map import PriceMap
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.comparison import Contrast, Finding, SideBySide
from pytest_llmcost.domain.gate import Gate, QualityGate
from pytest_llmcost.domain.suite import Case, Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import Run, Step

DEAR = Did("stub/dear", fingerprint="dear", answers="dear")
CHEAP = Did("stub/cheap", wrong=range(2), seconds=0.5)


def models(prices: dict[str, Any]) -> Models:
    return Models(Settings(Path(), prices=prices), PriceTable(prices, PriceMap), {})


def compared(
    *runs: Run, suite: Suite | None = None, prices: dict[str, Any] | None = None, quality: float | None = None
) -> SideBySide:
    letters = "ABC" if len(runs) > 1 else ("",)
    sides = [Compared(side_of_run(f"{n}.jsonl", run), f"{n}.jsonl", letters[n]) for n, run in enumerate(runs)]
    known = models(PRICES if prices is None else prices)
    return compare(sides, known, lambda path: (suite, "" if suite else f"{path} is not here"), quality)


def one_suite(margin: float = 0.05, **changes: Any) -> Suite:
    cases = tuple(
        Case(f"c{n:03}", {}, ("a",), f"{n:012}", tags=("few",) if n < 20 else ("many",), **changes) for n in range(80)
    )
    gate = Gate(quality=QualityGate(margin=margin))
    names = ("dear", "cheap")
    specs = tuple(StrategySpec(name, "m", Prompt(), {}, "label", calibrate=False, gate=gate) for name in names)
    return Suite(SUITE, "mail", "", (), specs, (), 1.0, None, cases)


def who(found: SideBySide) -> list[tuple[str, str]]:
    return [(one.before, one.now) for suite in found.suites for one in suite.contrasts]


def only_contrast(found: SideBySide) -> Contrast:
    (suite,) = found.suites
    (one,) = suite.contrasts
    return one


def test_of_one_side_each_is_compared_with_each_the_one_that_saves_against_the_other() -> None:
    found = compared(run_of(cheap=CHEAP, dear=DEAR, middle=dataclasses.replace(CHEAP, output=20)))
    assert who(found) == [("dear", "cheap"), ("middle", "cheap"), ("dear", "middle")]


def test_of_several_sides_each_strategy_of_the_first_is_compared_with_its_like_on_the_others() -> None:
    both, other = run_of(cheap=CHEAP, dear=DEAR), run_of(dear=DEAR, cheap=CHEAP)
    found = compared(both, other, run_of(cheap=CHEAP, new=DEAR))
    assert who(found) == [("A::cheap", "B::cheap"), ("A::dear", "B::dear"), ("A::cheap", "C::cheap")]
    assert found.suites[0].notes[1:2] == ("compared with nothing: C::new",)
    assert found.sides == {"A": "0.jsonl", "B": "1.jsonl", "C": "2.jsonl"}


def test_two_sides_of_one_strategy_each_are_compared_whatever_these_are_called() -> None:
    assert who(compared(run_of(dear=DEAR), run_of(cheap=CHEAP))) == [("A::dear", "B::cheap")]


def test_a_cheaper_one_that_is_not_worse_is_found_with_its_saving_and_why() -> None:
    one = only_contrast(compared(run_of(dear=DEAR, cheap=CHEAP), suite=one_suite(margin=0.15)))
    assert (one.finding, one.margin, one.margin_from) == (Finding.NOT_WORSE, 0.15, "as the suite says")
    assert one.cost is not None
    assert one.cost.increase == pytest.approx(-0.9)
    assert one.cost_change is not None
    assert {name: part for name, part in one.cost_change.parts.items() if part} == {"mix": Fraction(-486, 10**5)}


def test_where_the_suite_is_not_here_the_margin_is_the_default_and_that_is_said() -> None:
    found = compared(run_of(dear=DEAR, cheap=CHEAP))
    one = only_contrast(found)
    assert (one.margin, one.margin_from, one.quality_change) == (0.05, "by default", None)
    assert found.suites[0].notes == (f"{SUITE} is not here",)


def test_what_is_in_quarantine_and_in_groups_is_taken_from_the_suite() -> None:
    run = run_of(dear=DEAR, cheap=CHEAP)
    assert only_contrast(compared(run, suite=one_suite(group="all"))).reason.startswith("all common cases are in one")
    assert compared(run, suite=one_suite(quarantine="odd")).suites[0].cases == 0


def test_losses_are_looked_for_in_the_suites_tags() -> None:
    worse = dataclasses.replace(CHEAP, wrong=range(15))
    one = only_contrast(compared(run_of(dear=DEAR, cheap=worse), suite=one_suite()))
    assert one.quality_change is not None
    assert [part.name for part in one.quality_change.explaining] == ["few"]


def test_all_stand_on_the_cases_that_all_answered_and_who_is_beaten_is_said() -> None:
    slow = dataclasses.replace(DEAR, seconds=3.0, wrong=range(5))
    first, second = run_of(range(70), cheap=CHEAP, slow=slow), run_of(range(10, 80), cheap=CHEAP, slow=slow)
    (suite,) = compared(first, second).suites
    assert suite.cases == 60
    assert {one.name: one.beaten_by for one in suite.standings} == {
        "A::cheap": (),
        "A::slow": ("A::cheap", "B::cheap"),
        "B::cheap": (),
        "B::slow": ("A::cheap", "B::cheap"),
    }
    assert "A::cheap: 10 of its 70 cases stand apart" in suite.notes


def test_the_cheapest_and_the_fastest_of_a_quality_are_named() -> None:
    run = run_of(dear=DEAR, cheap=dataclasses.replace(CHEAP, wrong=range(20)))
    assert [compared(run, quality=q).suites[0].cheapest for q in (0.7, 0.9, None)] == ["cheap", "dear", None]
    assert [compared(run, quality=q).suites[0].fastest for q in (0.7, 0.9, None)] == ["cheap", "dear", None]


def test_both_sides_cost_todays_prices_and_why_it_changed_knows_the_old_ones() -> None:
    today = {**PRICES, "stub/cheap": {"input": 2, "output": 5}}
    one = only_contrast(compared(run_of(cheap=CHEAP), run_of(cheap=CHEAP), prices=today))
    assert one.cost is not None
    assert (one.cost.before, one.cost.now) == (pytest.approx(1040e-6), pytest.approx(1040e-6))
    assert one.cost_change is not None
    assert one.cost_change.price == 0  # both were stored with the old price


def test_a_case_that_was_changed_between_the_sides_stands_apart() -> None:
    before, now = run_of(range(60), cheap=CHEAP), run_of(range(60), cheap=CHEAP)
    changed = dataclasses.replace(now.trials[0], fingerprint="another")
    (suite,) = compared(before, Run(now.header, (changed, *now.trials[1:]))).suites
    assert (suite.cases, suite.contrasts[0].n) == (59, 59)


def test_a_case_without_an_answer_is_missing_and_never_wrong() -> None:
    run = run_of(dear=DEAR, cheap=CHEAP)
    lost = dataclasses.replace(run.trials[0], score=None, correct=None, error="time-out")
    (suite,) = compared(Run(run.header, (lost, *run.trials[1:]))).suites
    assert (suite.cases, suite.standings[0].quality, suite.standings[0].unanswered) == (79, 1.0, 1)
    assert "dear: 1 of its 80 cases stand apart, 1 of them without an answer" in suite.notes


def test_of_two_stored_prices_of_a_model_that_nobody_knows_today_the_later_holds() -> None:
    before, now = run_of(cheap=CHEAP), run_of(cheap=CHEAP)
    record = dataclasses.replace(
        now.header.strategies[SUITE]["cheap"], prices={"stub/cheap": {"input": 2, "output": 5}}
    )
    later = Run(dataclasses.replace(now.header, strategies={SUITE: {"cheap": record}}), now.trials)
    one = only_contrast(compared(before, later, prices={}))
    assert one.cost is not None
    assert (one.cost.before, one.cost.now) == (pytest.approx(1040e-6), pytest.approx(1040e-6))
    assert one.cost_change is not None
    assert {name: part for name, part in one.cost_change.parts.items() if part} == {"price": Fraction(500, 10**6)}


def test_a_price_that_nobody_knows_today_is_that_of_the_files() -> None:
    found = compared(run_of(dear=DEAR, cheap=CHEAP), prices={})
    assert [one.usd for one in found.suites[0].standings] == [pytest.approx(5400e-6), pytest.approx(540e-6)]


def test_no_case_in_common_is_said() -> None:
    (suite,) = compared(run_of(range(10), cheap=CHEAP), run_of(range(20, 30), cheap=CHEAP)).suites
    assert (suite.standings, suite.contrasts[0].finding) == ((), Finding.UNTOLD)
    assert "no case was answered by all of them" in suite.notes


def cascade_run(escalated: int, output: int = 8) -> Run:
    """A cascade that goes on to the dear model in so many of 80 cases."""
    run = run_of(both=Did(output=output))
    trials = []
    for number, trial in enumerate(run.trials):
        (cheap,) = trial.calls
        if number < escalated:
            dear = dataclasses.replace(cheap, model="stub/dear", key=f"dear {number}")
            trials.append(dataclasses.replace(trial, calls=(cheap, dear), steps=(Step("cheap", 1), Step("dear", 1))))
        else:
            trials.append(dataclasses.replace(trial, steps=(Step("cheap", 1),)))
    record = dataclasses.replace(run.header.strategies[SUITE]["both"], prices=PRICES)
    header = dataclasses.replace(run.header, strategies={SUITE: {"both": record}})
    return dataclasses.replace(run, header=header, trials=tuple(trials))


def test_what_a_cascade_costs_more_is_told_as_escalation_and_the_parts_sum_to_the_change() -> None:
    change = only_contrast(compared(cascade_run(20), cascade_run(40, output=10))).cost_change
    assert change is not None
    parts = {name: part for name, part in change.parts.items() if part}
    assert set(parts) == {"escalation", "tokens"}
    assert parts["escalation"] > parts["tokens"] > 0
    assert sum(parts.values()) == change.now - change.before
    # a quarter of the cases more goes to the dear model: 500 tokens at $10 a million, and 8 or 10 at $50
    assert Fraction("0.25") * Fraction("0.0054") < parts["escalation"] < Fraction("0.25") * Fraction("0.0055")


def test_against_a_strategy_that_is_no_cascade_calls_and_mix_stay_apart() -> None:
    change = only_contrast(compared(run_of(both=DEAR), cascade_run(20))).cost_change
    assert change is not None
    assert change.escalation == 0
    assert change.mix != 0
    assert sum(change.parts.values()) == change.now - change.before
