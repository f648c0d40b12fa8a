"""A row says why cost and quality moved since the baseline was stored."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from fakes.evidence import MODEL
from fakes.rows import row

from pytest_llmcost.assembly.changes import marks_of, with_changes
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.costs.price_map import PriceMap
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.gate import Gate
from pytest_llmcost.domain.plan import Cascade, CascadeStep
from pytest_llmcost.domain.suite import Case, Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import Call, StrategyRecord, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.pairing import pair_cases
from pytest_llmcost.gate.records import records_of
from pytest_llmcost.reports.summary import StrategySummary

TODAY = {MODEL: {"input": 1, "output": 10}, "stub/large": {"input": 3, "output": 30}}
MODELS = Models(Settings(Path(), prices=TODAY), PriceTable(TODAY, PriceMap), {})
SPEC = StrategySpec("cheap", MODEL, Prompt(), {}, "label", calibrate=False, gate=Gate())
CASES = (
    Case("late", {}, ("spam",), "f", tags=("orders", "urgent"), group="mail-7"),
    Case("rain", {}, ("ham", "spam"), "f"),
)
SUITE = Suite("bench_mail.yaml", "mail", "", ("spam", "ham"), (SPEC,), (), 1.0, None, CASES)


def trials(*output: int, right: bool = True, cached: bool = False) -> list[Trial]:
    """One trial a case, of so many output tokens."""
    return [
        Trial(
            SUITE.path,
            "cheap",
            case.id,
            1,
            case.fingerprint,
            float(right),
            right,
            None,
            (Call(MODEL, Usage(500, output_tokens=n), 0.5, Decimal(n), Decimal(0), 1, cached),),
            Decimal(0),
        )
        for case, n in zip(CASES, output, strict=True)
    ]


def shown(before: list[Trial], now: list[Trial], prices: dict[str, Any], spec: StrategySpec = SPEC) -> StrategySummary:
    records, stored = records_of(now), StrategyRecord("fp", MODEL, prices)
    pairing = pair_cases(records_of(before), records, same_strategy=True)
    entry = Entry(SUITE, spec, stored, tuple(now), records, pairing, stored)
    return with_changes(row(), entry, MODELS)


def test_the_earlier_side_is_counted_at_the_prices_it_was_stored_with() -> None:
    """A price change is no regression for the gate, and is told all the same."""
    change = shown(trials(8, 8), trials(8, 8), {MODEL: {"input": 1, "output": 20}}).cost_change

    assert change is not None
    assert {name: part for name, part in change.parts.items() if part} == {"price": Fraction(-80, 10**6)}
    assert change.is_price_known


def test_where_these_are_not_stored_todays_are_taken_and_that_is_known() -> None:
    change = shown(trials(8, 8), trials(9, 8), {}).cost_change

    assert change is not None
    assert (change.now - change.before, change.price) == (change.tokens, 0)
    assert not change.is_price_known


def test_what_a_cascade_costs_more_is_told_as_escalation() -> None:
    """One of two cases asks a second model now, a call of 10 output tokens."""
    before, now = trials(8, 8), trials(8, 8)
    large = Call("stub/large", Usage(500, output_tokens=10), 0.5, Decimal(1), Decimal(0), 1, False)
    now[0] = dataclasses.replace(now[0], calls=(*now[0].calls, large))
    cheap, dear = (dataclasses.replace(SPEC, model=model) for model in (MODEL, "stub/large"))
    plan = Cascade((CascadeStep("cheap", cheap, 0.9), CascadeStep("dear", dear)))

    change = shown(before, now, {MODEL: TODAY[MODEL]}, dataclasses.replace(SPEC, model="", plan=plan)).cost_change

    assert change is not None
    assert {name: part for name, part in change.parts.items() if part} == {"escalation": change.now - change.before}
    assert change.now - change.before == Fraction(500 * 3 + 10 * 30, 2 * 10**6)


def test_hits_of_our_cache_stand_apart_from_the_sum() -> None:
    now = [*trials(8, 6, cached=True)[:1], *trials(8, 6)[1:]]
    change = shown(trials(8, 8), now, TODAY).cost_change

    assert change is not None
    assert change.hits == 4  # dollars: 8 of one of two cases
    assert change.now - change.before == change.tokens == Fraction(-10, 10**6)


def test_cases_lost_are_counted_by_tag_group_and_label() -> None:
    change = shown(trials(8, 8), trials(8, 8, right=False), TODAY).quality_change

    assert change is not None
    assert change.lost == 2
    assert {(one.kind, one.name): one.lost for one in change.slices} == {
        ("tag", "orders"): 1,
        ("tag", "urgent"): 1,
        ("group", "mail-7"): 1,
        ("label", "spam"): 1,
    }


def test_a_case_with_several_right_answers_belongs_to_no_label() -> None:
    assert marks_of(SUITE)["rain"] == []


def test_without_a_baseline_nothing_is_said() -> None:
    records = records_of(trials(8, 8))
    entry = Entry(SUITE, SPEC, StrategyRecord("fp", MODEL), tuple(trials(8, 8)), records, None)
    blank = row()
    assert with_changes(blank, entry, MODELS) is blank
