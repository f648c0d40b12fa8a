"""What users read and commit, to the byte.

The files beside this one are the promise. When a change is meant, edit them by hand, in a reviewed commit; a baseline
or run file of a format that was ever released is never edited, as users have such files.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from fakes.evidence import MODEL, paired, record
from fakes.reports import report
from fakes.rows import row, verdict

from pytest_llmcost.domain.alteration import Alteration, Altered
from pytest_llmcost.domain.gate import Gate, Outcome, QualityGate, TokensGate
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.trial import Call, Run, RunHeader, StrategyRecord, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.baseline import Baseline, read_baseline, write_baseline
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.judge import Judged, judge
from pytest_llmcost.gate.pairing import Pairing, pair_cases
from pytest_llmcost.reports.details import detail_lines, next_commands
from pytest_llmcost.reports.document import document_text
from pytest_llmcost.reports.markdown import render_markdown
from pytest_llmcost.reports.report import Report
from pytest_llmcost.reports.run_file import read_run, write_run
from pytest_llmcost.reports.summary import StrategySummary, Turned
from pytest_llmcost.reports.table import render_table

HERE = Path(__file__).parent
PRICES = {MODEL: Price(input=Decimal("0.15"), output=Decimal("0.6"))}


def rows() -> list[StrategySummary]:
    """A run of four strategies: one fails, one cannot tell, one passes, one is new."""
    spoilt = judged_row("spoilt", "support-triage", paired(12, 2, 100))
    unsure = judged_row("careful-24-examples", "support-triage", paired(2, 1, 40))
    longer = pair_cases(
        [record(f"c{n}") for n in range(80)],
        [record(f"c{n}", usage={MODEL: Usage(540 + 40 * (n == 7), output_tokens=8)}) for n in range(80)],
        same_strategy=False,
    )
    passing = judged_row("terse", "mails: überall", longer)
    new = row(verdict("quality", Outcome.NEW, reason="no baseline to compare with"), strategy="new one")
    return [spoilt, unsure, passing, dataclasses.replace(new, suite="mails: überall", suite_path="mails/bench.yaml")]


def judged_row(strategy: str, suite: str, pairing: Pairing) -> StrategySummary:
    now = [pair.now for pair in pairing.pairs]
    gate = Gate(quality=QualityGate(margin=0.05), tokens=TokensGate(max_increase=0.10))
    verdicts = decide(judge(Judged("bench_triage.yaml", strategy, gate, now, pairing, PRICES)))
    return row(
        *verdicts,
        suite=suite,
        suite_path="bench_triage.yaml",
        strategy=strategy,
        cases=len(now),
        lost=[Turned(case, "shop", "shop", "other") for case in pairing.lost],
        won=[Turned(case, "other", None, "other") for case in pairing.won],
        notes=["1 answer: length"],
        is_partial=len(now) == 40,
    )


def baseline() -> Baseline:
    strategies = {
        "cheap": StrategyRecord("0123456789ab", MODEL, {MODEL: {"input": 0.15, "output": 0.6, "cached_input": 0}}),
        "two-tiers": StrategyRecord("ba9876543210", MODEL, {MODEL: {"usd_per_hour": 0.04}}),
    }
    large = {MODEL: Usage(512, 100, 0, 8), "stub/large": Usage(700, 0, 0, 20, 12)}
    return Baseline(
        "support-triage",
        strategies,
        (
            record("reset", 1.0, 1.0, 0.0, answers="03bd9e", usage={MODEL: Usage(512, output_tokens=8)}, seconds=0.73),
            record("größe", answers="ffffff", usage={MODEL: Usage(512, 256, 100, 8, 3)}, seconds=0.25),
            record("reset", 0.0, strategy="two-tiers", answers="77de68", usage=large, seconds=1.000001),
        ),
    )


def run() -> Run:
    call = Call(MODEL, Usage(512, 256, 0, 8), 0.25, Decimal("0.0000432"), Decimal("0.0000864"), 2, False, "ab" * 32)
    right = Trial(
        suite="bench_triage.yaml",
        strategy="cheap",
        case="reset",
        trial=1,
        fingerprint="9f2c41d07a11",
        score=1.0,
        correct=True,
        error=None,
        calls=(call,),
        paid_usd=Decimal("0.0000864"),
        answer_sha256="cd" * 32,
        shared=(dataclasses.replace(call, key="ef" * 32, cached=True, paid_usd=Decimal(0)),),
        flags=("length",),
        expected=("shop",),
        got="shop",
    )
    failed = dataclasses.replace(
        right, case="größe", score=None, correct=None, error="time-out", error_kind="time-out", calls=(), shared=(),
        flags=(), answer_sha256=None, got=None, paid_usd=Decimal("0.001"),
    )  # fmt: skip
    not_run = dataclasses.replace(failed, case="late", error=None, error_kind="", not_run="budget reached ($0.50)")
    header = RunHeader(
        started="2026-01-31T12:00:00+00:00",
        versions={"pytest-llmcost": "0.1.0", "python": "3.11.9"},
        commit="4474140",
        strategies={"bench_triage.yaml": {"cheap": StrategyRecord("0123456789ab", MODEL, {MODEL: {"input": 0.15}})}},
        prices_date="litellm 1.106.2",
        prices_sha256="12" * 32,
    )
    return Run(header, (right, failed, not_run))


def golden(name: str) -> str:
    return (HERE / name).read_text("utf-8")


def trimmed(lines: Sequence[str]) -> str:
    return "".join(f"{line.rstrip()}\n" for line in lines)


def test_the_table() -> None:
    assert trimmed(render_table(rows()).splitlines()) == golden("table.txt")


@pytest.mark.parametrize("verbose", [False, True])
def test_the_details(verbose: bool) -> None:
    lines = [*detail_lines(rows(), verbose=verbose), "", *next_commands(rows())]

    assert trimmed(lines) == golden("details_verbose.txt" if verbose else "details.txt")


@pytest.mark.parametrize(("name", "shown"), [("report.md", render_markdown), ("report.json", document_text)])
def test_the_reports(name: str, shown: Callable[[Report], str]) -> None:
    told = report(
        *rows(),
        outcome=Outcome.FAIL,
        why="1 of 4 strategies fails (quality)",
        must_pass_lost=[("bench_triage.yaml", "spoilt", "c003")],
        alterations=[Alteration(Altered.GATE, "bench_triage.yaml", "", "quality.margin", "0.05", "0.2")],
        notes=["bench_triage.yaml: not asked, and not judged: dear"],
        commands=["git checkout 4474140", "pytest --llm-budget --llm-baseline=git:1a2b3c4d"],
    )
    assert shown(told) == golden(name)


def test_a_baseline_is_written_as_ever(tmp_path: Path) -> None:
    write_baseline(tmp_path / "baseline.jsonl", baseline())

    assert (tmp_path / "baseline.jsonl").read_text("utf-8") == golden("baseline.jsonl")


def test_a_baseline_of_any_release_is_read() -> None:
    found = read_baseline(HERE / "baseline.jsonl")

    assert found is not None
    assert (found.suite, found.strategies) == (baseline().suite, baseline().strategies)
    assert [found.of(name) for name in ("cheap", "two-tiers")] == [
        tuple(sorted(baseline().of(name), key=lambda r: r.case)) for name in ("cheap", "two-tiers")
    ]


def test_a_run_is_written_as_ever(tmp_path: Path) -> None:
    write_run(tmp_path / "run.jsonl", run(), keep_text=False)

    assert (tmp_path / "run.jsonl").read_text("utf-8") == golden("run.jsonl")


def test_a_run_of_any_release_is_read() -> None:
    found, notes = read_run(HERE / "run.jsonl")

    kept = [dataclasses.replace(trial, expected=(), got=None) for trial in run().trials]
    assert (found.header, notes) == (run().header, [])
    assert sorted(found.trials, key=lambda t: t.case) == sorted(kept, key=lambda t: t.case)
