"""Run files, made in one line: what a strategy answered, and what that took."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pytest_llmcost.domain.trial import Call, Run, RunHeader, StrategyRecord, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.reports.run_file import write_run

SUITE = "bench_mail.yaml"
PRICES = {"stub/dear": {"input": 10, "output": 50}, "stub/cheap": {"input": 1, "output": 5}}


@dataclass(frozen=True)
class Did:
    """What a strategy did: which cases it got wrong, and what each answer took."""

    model: str = "stub/cheap"
    wrong: Collection[int] = ()
    output: int = 8
    seconds: float = 1.0
    fingerprint: str = "fp"
    answers: str = "same"


def run_of(cases: Iterable[int] = range(80), suite: str = SUITE, commit: str = "c0ffee", **did: Did) -> Run:
    """A run of one suite: its cases by number, and what each strategy did on them."""
    asked = list(cases)
    strategies = {
        name: StrategyRecord(f"{one.fingerprint}-{name}", one.model, {one.model: PRICES[one.model]})
        for name, one in did.items()
    }
    trials = tuple(_trial(suite, name, one, case) for name, one in did.items() for case in asked)
    return Run(RunHeader("2026-11-24T10:00:00+00:00", {}, commit, {suite: strategies}), trials)


def _trial(suite: str, strategy: str, did: Did, case: int) -> Trial:
    right = case not in did.wrong
    call = Call(
        did.model,
        Usage(500, output_tokens=did.output),
        did.seconds,
        Decimal("0.001"),
        Decimal("0.001"),
        1,
        cached=False,
        key=f"{strategy}{case}",
    )
    fields: dict[str, Any] = {
        "suite": suite,
        "strategy": strategy,
        "case": f"c{case:03}",
        "trial": 1,
        "fingerprint": f"{case:012}",
        "score": float(right),
        "correct": right,
        "error": None,
        "calls": (call,),
        "paid_usd": Decimal("0.001"),
        "answer_sha256": f"{did.answers} {right}",
    }
    return Trial(**fields)


def stored(path: Path, run: Run) -> str:
    """Write a run file, and return its name."""
    write_run(path, run, keep_text=False)
    return str(path)
