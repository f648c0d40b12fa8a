"""A suite too small for its margin: said of all before they are asked, and of those that have no verdict at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.rows import verdict

from pytest_llmcost.assembly.base.comparison import STORED
from pytest_llmcost.assembly.judging import JudgedRun
from pytest_llmcost.assembly.too_small import too_small, too_small_to_tell
from pytest_llmcost.domain.gate import Gate, Outcome, QualityGate
from pytest_llmcost.domain.suite import Case, Prompt, StrategySpec, Suite

SMALL = (
    "bench_mail.yaml: 40 cases can show no drop below 7.2 pt, and the margin is 5 pt: a changed strategy cannot pass."
)


def suite(n: int, *margins: float | None, quarantine: str = "") -> Suite:
    specs = tuple(
        StrategySpec(str(place), "stub/small", Prompt(), {}, "text", calibrate=False, gate=gate)
        for place, margin in enumerate(margins)
        for gate in [None if margin is None else Gate(quality=QualityGate(margin=margin))]
    )
    cases = tuple(Case(f"c{place}", {}, (), "9f2c41", quarantine=quarantine) for place in range(n))
    return Suite("bench_mail.yaml", "mail", "", (), specs, (), 1.0, None, cases)


def test_each_margin_is_told_once_however_many_strategies_have_it() -> None:
    assert [line.partition(" 59")[0] for line in too_small([suite(40, 0.05, 0.05, 0.1)])] == [SMALL]
    assert len(list(too_small([suite(40, 0.05, 0.02)]))) == 2


@pytest.mark.parametrize("fine", [suite(59, 0.05), suite(40, None), suite(40, 0.05, quarantine="ambiguous")])
def test_of_a_suite_that_is_large_enough_or_not_gated_nothing_is_said(fine: Suite) -> None:
    assert list(too_small([fine])) == []


@pytest.mark.parametrize(
    ("metric", "outcome", "is_said"),
    [
        ("quality", Outcome.INCONCLUSIVE, True),
        ("quality", Outcome.NEW, True),
        ("quality", Outcome.PASS, False),
        ("quality", Outcome.FAIL, False),
        ("cost", Outcome.INCONCLUSIVE, False),
    ],
)
def test_at_the_end_it_is_said_where_the_answers_were_not_judged(metric: str, outcome: Outcome, is_said: bool) -> None:
    run = JudgedRun(
        Path(),
        suites=(suite(40, 0.05),),
        trials=(),
        entries=(),
        verdicts=(verdict(metric, outcome),),
        rows=(),
        faults=(),
        notes=(),
        unread=frozenset(),
        there={},
        comparison=STORED,
        alterations=(),
    )
    assert bool(list(too_small_to_tell(run))) is is_said
