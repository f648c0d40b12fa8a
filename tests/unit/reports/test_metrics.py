"""Under -v: what else is known of a strategy."""

from __future__ import annotations

from fakes.rows import row, verdict

from pytest_llmcost.domain.gate import PercentileChange
from pytest_llmcost.domain.metrics import Flicker, LabelMetrics, LabelScore, RepeatMetrics
from pytest_llmcost.reports.metrics import metric_lines
from pytest_llmcost.reports.summary import StrategySummary

LABELS = LabelMetrics(
    labels=(
        LabelScore("shop", 12, 11, 9, 9 / 11, 0.75, 18 / 23),
        LabelScore("oth\x1ber", 8, 8, 6, 0.75, 0.75, 0.75),
        LabelScore("spam", 0, 0, 0, None, None, None),
    ),
    matrix=((9, 2, 0, 1), (2, 6, 0, 0), (0, 0, 0, 0)),
    macro_f1=0.7663,
    kappa=0.5,
    lower=0.2,
    upper=0.8,
)
REPEATS = RepeatMetrics(3, (0.8, 0.9, 0.95), (0.8, 0.7, 0.625), tuple(Flicker(f"c{n}", 1, 3) for n in range(7)))


def shown(one: StrategySummary, verbosity: int = 1) -> list[str]:
    return list(metric_lines([one], verbosity))


def test_without_v_nothing_is_added() -> None:
    assert shown(row(error_rate=0.0, labels=LABELS, repeats=REPEATS), verbosity=0) == []


def test_latency_errors_and_coverage_are_one_line_each() -> None:
    changes = (PercentileChange(0.5, 0.4, 0.45, 0.125, 0.03, 0.2), PercentileChange(0.95, 1.25, 1.0, -0.2, -0.4, 0.0))

    assert shown(row(verdict("latency", percentiles=changes), p99_seconds=2.5, error_rate=0.025, coverage=0.98)) == [
        "",
        "bench_mail.yaml::cheap",
        "  latency: p50 0.40 s, p95 1.25 s, p99 2.50 s",
        "  p50: 0.40 s before, 0.45 s now, +12.5% [+3.0%, +20.0%]",
        "  p95: 1.25 s before, 1.00 s now, -20.0% [-40.0%, +0.0%]",
        "  without an answer: 2.5%; 98.0% of the baseline's cases asked again",
    ]


def test_labels_are_one_line_and_with_vv_a_table_that_says_what_was_taken_for_what() -> None:
    line = "  labels: macro-F1 0.77, Cohen's kappa 0.50 [0.20, 0.80]"

    assert shown(row(labels=LABELS))[2:] == [line]
    assert shown(row(labels=LABELS), verbosity=2)[2:] == [
        line,
        "    label        expected  precision  recall    F1  taken for",
        "    shop               12       0.82    0.75  0.78  oth\\u001ber 2, (no label) 1",
        "    oth\\u001ber         8       0.75    0.75  0.75  shop 2",
        "    spam                0          -       -     -",
    ]


def test_labels_of_which_nothing_can_be_said_are_no_zero() -> None:
    nothing = LabelMetrics((), (), None, None, None, None, left_out=3)

    assert shown(row(labels=nothing))[2:] == [
        "  labels: macro-F1 -, Cohen's kappa -; 3 cases accept several labels, or none, and are not counted"
    ]


def test_trials_that_disagree_are_named_five_of_them_and_all_with_vv() -> None:
    assert shown(row(repeats=REPEATS))[2:] == [
        "  3 trials a case: pass@1 80.0%, pass@3 95.0%, pass^3 62.5%; flickering: 7",
        "    c0 (1 of 3 right), c1 (1 of 3 right), c2 (1 of 3 right), c3 (1 of 3 right), c4 (1 of 3 right), ...",
        "    (-vv names all)",
    ]
    assert "c6 (1 of 3 right)" in shown(row(repeats=REPEATS), verbosity=2)[-1]
