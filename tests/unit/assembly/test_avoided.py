"""Calls that did not have to be made, by what spared them."""

from __future__ import annotations

from decimal import Decimal

from pytest_llmcost.assembly.avoided import avoided_in
from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.domain.avoided import LOCAL, RECORDINGS, Avoided, joined
from pytest_llmcost.domain.gate import Gate
from pytest_llmcost.domain.plan import Cascade, CascadeStep
from pytest_llmcost.domain.suite import Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import Call, Step, StrategyRecord, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.reports.avoided import avoided_line

CHEAP, DEAR = Decimal("0.001"), Decimal("0.010")


def call(usd: Decimal, origin: str = "", *, cached: bool = False) -> Call:
    return Call("m", Usage(1), 1.0, usd, Decimal(0), 1, cached or bool(origin), origin=origin)


def trial(*calls: Call, steps: tuple[Step, ...] = (), avoided: tuple[Avoided, ...] = ()) -> Trial:
    return Trial("bench.yaml", "s", "c", 1, "f", 1.0, True, None, calls, Decimal(0), steps=steps, avoided=avoided)


def entry(*trials: Trial, steps: tuple[str, ...] = ()) -> Entry:
    part = StrategySpec("part", "m", Prompt(), {}, "text", calibrate=False, gate=Gate())
    plan = Cascade(tuple(CascadeStep(name, part) for name in steps)) if steps else None
    spec = StrategySpec("s", "m", Prompt(), {}, "text", calibrate=False, gate=Gate(), plan=plan)
    suite = Suite("bench.yaml", "mail", "", (), (spec,), (), 1.0, None, ())
    return Entry(suite, spec, StrategyRecord("f", "m"), trials, (), None)


def accepted() -> Trial:
    return trial(call(CHEAP), steps=(Step("cheap", 1),))


def escalated(*last: Call, name: str = "dear") -> Trial:
    return trial(call(CHEAP), *last, steps=(Step("cheap", 1), Step(name, len(last))))


def test_cached_calls_are_counted_by_where_they_came_from_over_all_strategies() -> None:
    first = entry(trial(call(CHEAP, RECORDINGS), call(DEAR, LOCAL)), trial(call(DEAR)))
    second = entry(trial(call(DEAR, LOCAL)), trial(call(CHEAP, cached=True)))
    assert avoided_in([first, second]) == (
        Avoided(RECORDINGS, 1, CHEAP),
        Avoided(LOCAL, 2, 2 * DEAR),
        Avoided("cache", 1, CHEAP),  # of a run stored before caches had names
    )


def test_a_strategys_own_count_joins_those_of_the_caches() -> None:
    spared = trial(call(CHEAP, LOCAL), avoided=(Avoided("semantic cache", 3, DEAR),))
    assert avoided_in([entry(spared, spared)]) == (
        Avoided(LOCAL, 2, 2 * CHEAP),
        Avoided("semantic cache", 6, 2 * DEAR),
    )


def test_a_cascade_spares_its_last_step_less_what_the_earlier_ones_cost() -> None:
    run = entry(accepted(), accepted(), accepted(), escalated(call(DEAR)), steps=("cheap", "dear"))
    assert avoided_in([run]) == (Avoided("cascade", 3, 3 * DEAR - 4 * CHEAP),)


def test_steps_inside_the_last_one_are_its_own() -> None:
    run = entry(accepted(), escalated(call(DEAR), call(DEAR), name="dear > mid"), steps=("cheap", "dear"))
    assert avoided_in([run]) == (Avoided("cascade", 1, 2 * DEAR - 2 * CHEAP),)


def test_a_cascade_whose_last_step_was_never_asked_spared_an_unknown_amount() -> None:
    (one,) = avoided_in([entry(accepted(), accepted(), steps=("cheap", "dear"))])
    assert one == Avoided("cascade", 2, None)
    assert list(avoided_line([Avoided(LOCAL, 1, DEAR), one])) == [
        "avoided 3 calls and at least $0.010: local cache 1 ($0.010), cascade 2 (USD not known)"
    ]


def test_a_cascade_that_always_escalates_spared_nothing() -> None:
    assert avoided_in([entry(escalated(call(DEAR)), steps=("cheap", "dear"))]) == ()


def test_what_is_unknown_once_stays_unknown() -> None:
    assert joined([Avoided("x", 1, None), Avoided("x", 2, DEAR), Avoided("y", 0, None)]) == (Avoided("x", 3, None),)


def test_the_line_names_every_kind_and_is_not_there_where_nothing_was_avoided() -> None:
    assert list(avoided_line([])) == []
    loss = Avoided("cascade", 1, Decimal("-0.0005"))
    assert list(avoided_line([Avoided("\x1b[31mcache", 4, Decimal("0.02")), loss])) == [
        r"avoided 5 calls and $0.020: \u001b[31mcache 4 ($0.020), cascade 1 (-$0.00050)"
    ]
