"""Calls that did not have to be made, by what spared them."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.domain.avoided import Avoided
from pytest_llmcost.domain.trial import Call, Step, StrategyRecord, Trial
from pytest_llmcost.domain.usage import Usage

from fakes.runs import Did, run_of  # isort: skip


def call(usd: str, origin: str = "", *, cached: bool | None = None) -> Call:
    return Call(
        "m", Usage(1), 1.0, Decimal(usd), Decimal(0), 1, bool(origin) if cached is None else cached, origin=origin
    )


def entry(*trials: Trial, plan: object = None) -> Entry:
    from pytest_llmcost.domain.suite import StrategySpec, Suite

    spec = dataclasses.replace(StrategySpec("one", "m"), plan=plan)
    suite = Suite("s", "bench_s.yaml", "", (), (spec,), (), 1.0, None, ())
    return Entry(suite, spec, StrategyRecord("fp", "m"), trials, (), None)


def trial(*calls: Call, steps: tuple[Step, ...] = (), avoided: tuple[Avoided, ...] = ()) -> Trial:
    (blank,) = run_of([1], one=Did()).trials
    return dataclasses.replace(blank, calls=calls, steps=steps, avoided=avoided)
