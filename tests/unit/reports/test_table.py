"""The table: every figure in its place, on a hundred columns."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from fakes.rows import row, verdict

from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.reports.safe import columns
from pytest_llmcost.reports.table import render_table, usd

PASS, FAIL, INCONCLUSIVE, NEW = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NEW


def lines(*verdicts: object, **changes: object) -> list[str]:
    return render_table([row(*verdicts, **changes)]).splitlines()  # type: ignore[arg-type]


def test_a_strategy_has_two_lines_below_the_three_of_the_header() -> None:
    quality = verdict("quality", PASS, estimate=-0.025, lower=-0.031, upper=0.012)
    cost = verdict("cost", PASS, estimate=0.034, lower=0.01, upper=0.05)
    tokens = verdict("tokens", PASS, estimate=-0.5, lower=-0.6, upper=-0.4)

    assert lines(quality, cost, tokens) == [
        "suite      cases   quality     change pt    USD  change  tokens  p50 s  verdict",
        " strategy             90 %          90 %   paid          change  p95 s",
        "---------  -----  --------  ------------  -----  ------  ------  -----  -------",
        "mail          40     87.5%          -2.5  0.012   +3.4%  20,320   0.40  pass",
        " cheap            [77, 94]  [-3.1, +1.2]      0          -50.0%   1.25",
    ]


def test_what_is_not_known_is_a_dash_and_never_nought() -> None:
    shown = lines(quality=None, lower=None, upper=None, p50_seconds=None, p95_seconds=None, is_gated=False)

    assert shown[3].split() == ["mail", "40", "-", "-", "0.012", "-", "20,320", "-", "not", "gated"]
    assert shown[4].split() == ["cheap", "0", "-", "-"]


def test_a_gated_strategy_of_a_run_that_cannot_be_judged_has_no_verdict() -> None:
    assert lines()[3].endswith("no verdict")


def test_tenths_of_a_point_are_shown_where_the_interval_is_narrow_enough_to_bear_them() -> None:
    wide = verdict("quality", INCONCLUSIVE, estimate=-0.025, lower=-0.12, upper=0.0627)

    assert "[-12, +6]" in lines(wide)[4]


def test_the_verdict_names_the_metrics_that_decide_it() -> None:
    shown = lines(verdict("quality", FAIL), verdict("cost", FAIL), verdict("tokens", INCONCLUSIVE), is_partial=True)

    place = shown[0].index("verdict")
    assert [line[place:] for line in shown[3:]] == ["fail", "partial", "quality,", "cost"]


def test_what_only_warns_is_named_below_whatever_the_outcome() -> None:
    warned = verdict("latency", FAIL, counts=False)

    for outcome in (PASS, INCONCLUSIVE):
        assert "warn latency" in render_table([row(verdict("quality", outcome), warned)])


@pytest.mark.parametrize("outcome", [PASS, FAIL, INCONCLUSIVE, NEW])
@pytest.mark.parametrize("name", ["n" * 500, "日本語" * 50, "a b" * 50, "🙂" * 50, "\x1b[31m" * 50])
def test_it_fits_on_a_hundred_columns_whatever_the_names_and_figures(outcome: Outcome, name: str) -> None:
    metrics = ("quality", "cost", "tokens", "latency", "errors", "coverage")
    verdicts = [
        verdict(metric, outcome, estimate=12345.678, lower=-1.0, upper=math.inf, counts=metric != "latency")
        for metric in metrics
    ]
    verdicts[0] = verdict("quality", outcome, estimate=-0.1234, lower=-0.1499, upper=-0.1001)
    crowded = row(
        *verdicts,
        suite=name,
        strategy=name,
        cases=100_000,
        quality=1.0,
        lower=0.999,
        upper=1.0,
        usd=Decimal("12345.678"),
        paid_usd=Decimal("0.0000123"),
        tokens=987_654_321,
        p50_seconds=12.345,
        p95_seconds=3599.4,
        is_partial=True,
    )

    for line in render_table([crowded, row()]).splitlines():
        assert columns(line.rstrip()) <= 100 + 9 * ("日" in name or "🙂" in name)  # (tabulate counts characters)
        assert "\x1b" not in line


def test_no_figure_is_a_rounded_minus_nought() -> None:
    shown = render_table([row(verdict("quality", PASS, estimate=-0.0, lower=-0.0001, upper=0.0001))])

    assert "-0.0" not in shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "0"),
        ("0.5", "0.50"),
        ("12.345", "12.34"),
        ("0.0123", "0.012"),
        ("0.00001234", "0.000012"),
        ("0.00000009", "0.000000090"),
        ("1234.5", "1234.50"),
    ],
)
def test_money_has_cents_and_two_digits_at_least(amount: str, shown: str) -> None:
    assert usd(Decimal(amount)) == shown


def test_what_did_not_change_at_all_is_said() -> None:
    shown = lines(verdict("quality", PASS, basis="unchanged"))
    place = shown[0].index("verdict")
    assert [line[place:] for line in shown[3:]] == ["pass", "unchanged"]
