"""From trials to verdicts and rows: a run beside its baseline."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.assembly.summing import Entry, entries_of, groups_of, judge_entries, summary_of
from pytest_llmcost.assembly.trials import answer_digest
from pytest_llmcost.costs.price_map import PriceMap
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.gate import ALL_SUITES, CostGate, Gate, Outcome
from pytest_llmcost.domain.metrics import Flicker
from pytest_llmcost.domain.suite import Case, Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import Call, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.baseline import Baseline, read_baseline, write_baseline
from pytest_llmcost.reports.summary import StrategySummary
from pytest_llmcost.statistics.intervals import Interval, mean_t, wilson

PATH, MODEL = "bench_mail.yaml", "stub/small"
SPEC = StrategySpec("cheap", MODEL, Prompt(prompt="{{ text }}"), {"temperature": 0}, "label", False, Gate())
PRICE = {"input": 1, "output": 10}


def suite(n: int = 4, *specs: StrategySpec) -> Suite:
    cases = tuple(Case(f"c{place}", {"text": str(place)}, ("spam",), f"{place:012}") for place in range(n))
    return Suite(PATH, "mail", "", ("spam", "ham"), specs or (SPEC,), "label", 1.0, None, cases)


def grouped(*groups: str | None, **changes: Any) -> Suite:
    asked = suite(len(groups))
    cases = [dataclasses.replace(case, group=group, **changes) for case, group in zip(asked.cases, groups, strict=True)]
    return dataclasses.replace(asked, cases=tuple(cases))


def ends(interval: Interval) -> list[float]:
    return [interval.lower, interval.upper]


def models(prices: Mapping[str, Mapping[str, Any]] | None = None) -> Models:
    prices = {MODEL: PRICE} if prices is None else prices
    return Models(Settings(Path(), prices=prices), PriceTable(prices, PriceMap), {})


PRICED = models()


def call(key: str, **changes: Any) -> Call:
    made = Call(MODEL, Usage(500, output_tokens=8), 0.25, Decimal("0.00058"), Decimal("0.00058"), 1, False, key)
    return dataclasses.replace(made, **changes)


def trials(*answers: str | None, strategy: str = "cheap", **changes: Any) -> list[Trial]:
    """One trial a case; spam is right."""
    return [
        Trial(
            suite=PATH,
            strategy=strategy,
            case=f"c{place}",
            trial=1,
            fingerprint=f"{place:012}",
            score=float(answer == "spam"),
            correct=answer == "spam",
            error=None,
            calls=(call(f"k{place}"),),
            paid_usd=Decimal("0.00058"),
            answer_sha256=answer_digest(answer),
            expected=("spam",),
            got=answer,
            **changes,
        )
        for place, answer in enumerate(answers)
    ]


def replayed(recorded: Sequence[Trial]) -> list[Trial]:
    return [
        dataclasses.replace(
            trial,
            paid_usd=Decimal(0),
            calls=tuple(dataclasses.replace(c, cached=True, paid_usd=Decimal(0)) for c in trial.calls),
        )
        for trial in recorded
    ]


def stored(recorded: Sequence[Trial], asked: Suite, known: Models = PRICED) -> Baseline:
    entries = list(entries_of([asked], recorded, known, {}))
    return Baseline(
        asked.name,
        {entry.spec.name: entry.record for entry in entries},
        tuple(record for entry in entries for record in entry.records),
    )


def entries(
    now: Sequence[Trial], asked: Suite, baseline: Baseline | None = None, known: Models = PRICED
) -> list[Entry]:
    return list(entries_of([asked], now, known, {PATH: baseline}))


def row(
    now: Sequence[Trial], asked: Suite, baseline: Baseline | None = None, known: Models = PRICED
) -> StrategySummary:
    (entry,) = entries(now, asked, baseline, known)
    return summary_of(entry, judge_entries([entry], known))


RIGHT = trials(*["spam"] * 4)


def test_the_row_adds_up_what_was_used_and_what_was_paid() -> None:
    shown = row(replayed(RIGHT[:2]) + RIGHT[2:], suite())

    assert (shown.suite, shown.suite_path, shown.strategy, shown.cases) == ("mail", PATH, "cheap", 4)
    assert (shown.usd, shown.paid_usd, shown.tokens) == (Decimal("0.00232"), Decimal("0.00116"), 2032)
    assert (shown.quality, shown.p50_seconds, shown.p95_seconds) == (1.0, 0.25, 0.25)
    assert shown.outcome is Outcome.NEW


def test_the_row_holds_labels_repeats_errors_and_coverage_beside_the_verdicts() -> None:
    """c0 is right in one of two trials, c1 wrong in both, c2 has no answer, and of the baseline's four c3 is gone."""
    asked = suite(3)
    again = [dataclasses.replace(t, trial=2) for t in trials("ham", "ham", "spam")]
    now = [*trials("spam", "ham", "spam"), *again]
    now[5] = dataclasses.replace(now[5], score=None, correct=None, error="timed out")

    shown = row(now, asked, stored(RIGHT, suite()))

    assert (shown.p99_seconds, shown.error_rate, shown.coverage) == (0.25, pytest.approx(1 / 6), 0.75)
    assert shown.labels is not None
    assert shown.labels.matrix[0] == (1, 3, 0), "both trials of the two cases that were answered whole"
    assert shown.repeats is not None
    assert shown.repeats.flickering == (Flicker("c0", 1, 2),)
    fresh = row(RIGHT, suite())
    assert (fresh.coverage, fresh.repeats, fresh.error_rate) == (None, None, 0.0)


def test_suites_that_were_tested_are_judged_together_too_and_those_unchanged_are_not_among_them() -> None:
    """Two suites of sixty cases lose twelve each; a third, of four, answers as before."""
    asked = [dataclasses.replace(suite(60), path=path) for path in ("bench_a.yaml", "bench_b.yaml")]
    lost = trials(*["ham"] * 12, *["spam"] * 48)
    now = [*RIGHT, *(dataclasses.replace(t, suite=one.path) for one in asked for t in lost)]
    before = [*RIGHT, *(dataclasses.replace(t, suite=one.path) for one in asked for t in trials(*["spam"] * 60))]
    suites = [*asked, suite()]
    baselines = {one.path: stored([t for t in before if t.suite == one.path], one) for one in suites}

    judged, fewer = (
        judge_entries(list(entries_of(some, now, PRICED, baselines)), PRICED) for some in (suites, suites[1:])
    )

    on_all = judged[-1]
    assert (on_all.suite, on_all.n, on_all.losses, on_all.suites) == (ALL_SUITES, 120, 24, 2)
    assert on_all.outcome is Outcome.FAIL
    assert ALL_SUITES not in {verdict.suite for verdict in fewer}


def test_what_is_in_quarantine_is_in_no_metric() -> None:
    asked = grouped(None, None, quarantine="ambiguous")

    shown = row(trials("spam", "ham"), asked)

    assert (shown.labels, shown.repeats, shown.error_rate) == (None, None, None)


def test_calibration_is_one_line_of_its_own_however_many_processes_asked_it() -> None:
    asked, found_cached = (
        tuple(call(f"calibration {n}", cached=cached, paid_usd=paid) for n in range(3))
        for cached, paid in ((False, Decimal("0.00058")), (True, Decimal(0)))
    )
    now = [
        dataclasses.replace(RIGHT[0], shared=asked),
        dataclasses.replace(RIGHT[1], shared=found_cached),
        *RIGHT[2:],
    ]

    shown = row(now, suite())

    assert (shown.shared_calls, shown.shared_usd) == (3, Decimal("0.00174"))
    assert shown.usd == Decimal("0.00232") + Decimal("0.00174")
    assert shown.paid_usd == Decimal("0.00232") + Decimal("0.00174"), "the second process found them in the cache"
    assert shown.tokens == 7 * 508


def test_strategies_come_in_the_order_of_the_suite_and_only_those_that_ran() -> None:
    specs = [dataclasses.replace(SPEC, name=name) for name in ("careful", "cheap", "unused")]
    now = [*trials("spam", strategy="cheap"), *trials("spam", strategy="careful")]

    assert [entry.spec.name for entry in entries(now, suite(1, *specs))] == ["careful", "cheap"]


def test_a_strategy_that_is_not_gated_is_measured_and_never_judged() -> None:
    ungated = dataclasses.replace(SPEC, gate=None)

    shown = row(RIGHT, suite(4, ungated))

    assert (shown.outcome, shown.verdicts, shown.quality) == (None, {}, 1.0)


def test_a_strategy_that_the_baseline_does_not_know_is_new() -> None:
    baseline = dataclasses.replace(stored(RIGHT, suite()), strategies={}, records=())

    assert row(RIGHT, suite(), baseline).outcome is Outcome.NEW


def test_g07_a_replayed_run_stores_the_very_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("recorded.jsonl", "replayed.jsonl")]

    for path, run in zip(paths, (RIGHT, replayed(RIGHT)), strict=True):
        write_baseline(path, stored(run, suite()))

    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_replayed_run_is_unchanged_in_every_metric() -> None:
    shown = row(replayed(RIGHT), suite(), stored(RIGHT, suite()))

    assert {metric: v.basis for metric, v in shown.verdicts.items()} == {
        "quality": "unchanged",
        "cost": "unchanged",
        "tokens": "unchanged",
        "latency": "unchanged",
        "errors": "bound",
    }
    assert shown.outcome is Outcome.PASS


def test_b08_a_change_of_price_is_no_regression_and_is_said() -> None:
    gated = suite(4, dataclasses.replace(SPEC, gate=Gate(cost=CostGate(max_increase=0.0))))
    dearer = models({MODEL: {"input": 100, "output": 1000}})

    shown = row(RIGHT, gated, stored(RIGHT, gated), dearer)

    assert (shown.verdicts["cost"].outcome, shown.verdicts["cost"].basis) == (Outcome.PASS, "unchanged")
    assert shown.notes == (
        "the price of stub/small changed since the baseline was stored: both sides are counted at today's",
    )


def test_a_model_of_the_baseline_that_nobody_prices_any_more_is_said_and_stops_nothing() -> None:
    before = [
        dataclasses.replace(trial, calls=tuple(dataclasses.replace(c, model="stub/gone") for c in trial.calls))
        for trial in RIGHT
    ]

    shown = row(RIGHT, suite(), stored(before, suite()))

    assert shown.notes == ("answered by stub/small, and in the baseline by stub/gone",)
    assert shown.verdicts["cost"].reason == "no price is known for stub/gone, so costs cannot be compared"
    assert shown.verdicts["quality"].outcome is Outcome.PASS


def test_cases_that_turned_are_shown_with_the_answers_before_and_now() -> None:
    """A baseline holds digests; labels, expected answers and no answer at all are told by theirs."""
    before = stored(trials("spam", "ham", None, "junk"), suite())

    shown = row(trials("ham", "spam", "spam", "spam"), suite(), before)

    assert [(t.case, t.expected, t.before, t.is_before_known, t.now) for t in (*shown.lost, *shown.won)] == [
        ("c0", "spam", "spam", True, "ham"),
        ("c1", "spam", "ham", True, "spam"),
        ("c2", "spam", None, True, "spam"),
        ("c3", "spam", None, False, "spam"),
    ]


def test_the_interval_of_graded_scores_is_that_of_a_mean() -> None:
    scores = [0.2, 0.4, 0.9, 0.5]
    shown = row([dataclasses.replace(t, score=score) for t, score in zip(RIGHT, scores, strict=True)], suite())

    assert (shown.quality, [shown.lower, shown.upper]) == (0.5, pytest.approx(ends(mean_t(scores).interval)))
    right = row(trials("spam", "ham", "spam", "spam"), suite())
    assert [right.lower, right.upper] == ends(wilson(3, 4))


def test_the_interval_of_cases_in_groups_is_that_of_the_groups() -> None:
    asked = grouped("a", "a", "b", "b", "c", "c")
    shown = row(trials("spam", "spam", "ham", "ham", "spam", "ham"), asked)

    assert [shown.lower, shown.upper] == [0.0, 1.0]
    assert row(trials(*["spam"] * 6), asked).lower == wilson(3, 3).lower


def test_groups_of_the_suite_reach_the_verdict_and_those_in_quarantine_do_not() -> None:
    asked = grouped("a", "a", "b", None)
    before = stored(RIGHT, suite())

    (entry,) = entries(trials(*["ham"] * 4), asked, before)

    assert entry.pairing is not None
    assert entry.pairing.groups == ("a", "a", None, None)
    assert groups_of(grouped("a", "a", quarantine="ambiguous")) == {}


def test_g06_whatever_order_the_processes_report_in_the_row_is_the_same() -> None:
    now, before = trials("ham", "spam", "ham", "spam"), stored(RIGHT, suite())

    in_order, other_way_round = row(now, suite(), before), row(now[::-1], suite(), before)

    assert in_order == other_way_round
    assert [turned.case for turned in in_order.lost] == ["c0", "c2"]


def test_changed_new_and_removed_cases_are_counted_and_named() -> None:
    before = stored(trials(*["spam"] * 3), suite(3))
    asked = suite(4)
    cases = (dataclasses.replace(asked.cases[1], fingerprint="changed"), asked.cases[2], asked.cases[3])
    now = [
        dataclasses.replace(RIGHT[1], fingerprint="changed"),
        RIGHT[2],
        RIGHT[3],
    ]

    shown = row(now, dataclasses.replace(asked, cases=cases), before)

    assert shown.notes == (
        "1 changed case set aside: c1",
        "1 new case set aside: c3",
        "1 case of the baseline gone: c0",
    )


def test_g02_a_part_of_the_suite_is_marked_and_what_was_left_out_is_not_called_gone() -> None:
    shown = row(RIGHT[:2], suite(), stored(RIGHT, suite()))

    assert (shown.is_partial, shown.notes) == (True, ())
    assert shown.outcome is Outcome.PASS


def test_a_budget_that_was_reached_makes_a_run_partial() -> None:
    stopped = dataclasses.replace(RIGHT[3], score=None, correct=None, not_run="budget reached ($0.50)", calls=())

    assert row([*RIGHT[:3], stopped], suite()).is_partial


def test_where_the_budget_let_nothing_run_nothing_is_green() -> None:
    stopped = [dataclasses.replace(t, score=None, correct=None, not_run="budget reached", calls=()) for t in RIGHT]

    shown = row(stopped, suite(), stored(RIGHT, suite()))

    assert (shown.outcome, shown.quality, shown.cases) == (Outcome.INCONCLUSIVE, None, 0)


def test_flags_are_counted() -> None:
    flagged = [dataclasses.replace(trial, flags=("length",)) for trial in RIGHT[:3]]

    assert row([*flagged, dataclasses.replace(RIGHT[3], flags=("length", "odd"))], suite()).notes == (
        "4 answers: length",
        "1 answer: odd",
    )


def test_f04_what_is_wrong_with_the_baselines_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "torn.jsonl"
    write_baseline(path, stored(RIGHT, suite()))
    path.write_bytes(path.read_bytes()[:-5])

    shown = row(RIGHT, suite(), read_baseline(path))

    assert shown.notes == (
        f"{path}:5: the last line is torn and was left out. Store the baseline anew.",
        "1 new case set aside: c3",
    )
