"""Calls shared by the cases of a strategy, in a run of several processes."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from pytest_llmcost.assembly.shared_calls import gathered
from pytest_llmcost.domain.trial import Call, Trial
from pytest_llmcost.domain.usage import Usage

CENT = Decimal("0.01")
CALL = Call("ours", Usage(10, output_tokens=2), 0.25, CENT, CENT, 1, False, "k1")
OTHER = dataclasses.replace(CALL, key="k2")


def trial(case: str, *shared: Call, strategy: str = "one", number: int = 1) -> Trial:
    return Trial("bench.yaml", strategy, case, number, "ab", 1.0, True, None, (), Decimal(0), shared=shared)


def cached(call: Call) -> Call:
    return dataclasses.replace(call, cached=True, paid_usd=Decimal(0))


def test_they_stand_with_the_first_trial_whoever_made_them() -> None:
    found = gathered([trial("b", CALL, OTHER), trial("a", number=2), trial("a"), trial("a", strategy="two")])
    assert [one.shared for one in sorted(found, key=lambda one: (one.strategy, one.case, one.trial))] == [
        (CALL, OTHER),
        (),
        (),
        (),
    ]


def test_each_is_there_once_as_it_was_made() -> None:
    (first, second) = gathered([trial("a", cached(CALL)), trial("b", CALL, OTHER)])
    assert (first.shared, second.shared) == ((CALL, OTHER), ())


def test_what_several_processes_paid_for_the_same_call_is_added_up() -> None:
    (first, _) = gathered([trial("a", CALL), trial("b", CALL)])
    assert first.shared == (dataclasses.replace(CALL, paid_usd=2 * CENT),)
