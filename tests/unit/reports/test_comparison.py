"""A comparison as people and programs read it."""

from __future__ import annotations

import dataclasses
import json
import math
from fractions import Fraction

import pytest

from pytest_llmcost.domain.change import CostChange
from pytest_llmcost.domain.comparison import Contrast, Finding, Moved, SideBySide, Standing, SuiteComparison
from pytest_llmcost.reports.comparison import comparison_lines
from pytest_llmcost.reports.comparison_document import comparison_document

DEAR = Standing("dear", "openai/gpt-4o", 0.92, 0.87, 0.95, 0.0054, 508, 1.0, 2.0)
CHEAP = Standing("cheap", "openai/gpt-4o-mini", 0.91, 0.86, 0.94, 0.00054, 508, 0.5, None)
POOR = Standing("poor", "openai/gpt-4o-mini", 0.80, 0.74, 0.85, 0.00054, 508, 0.6, None, beaten_by=("cheap",))
SAVES = Contrast(
    "dear",
    "cheap",
    Finding.NOT_WORSE,
    0.05,
    "as the suite says",
    200,
    lost=("c001", "c002", "c003", "c004"),
    won=("c007", "c008"),
    estimate=-0.01,
    lower=-0.03,
    upper=0.012,
    p_worse=0.2,
    p_better=0.8,
    p_not_worse=0.0042,
    cost=Moved(0.0054, 0.00054, -0.9, -0.91, -0.89),
    tokens=Moved(508, 508, 0.0),
    latency=Moved(1.0, 0.5, -0.5, -0.55, -0.45),
    p95_seconds=(2.0, 1.2),
    cost_change=CostChange(Fraction(54, 10**4), Fraction(54, 10**5), mix=Fraction(-486, 10**5)),
)


def comparison(*contrasts: Contrast, quality: float | None = None, **changes: object) -> SideBySide:
    suite = SuiteComparison("bench_mail.yaml", 200, (DEAR, CHEAP, POOR), contrasts or (SAVES,))
    return SideBySide((dataclasses.replace(suite, **changes),), {"A": "run.jsonl"}, quality)


def text(found: SideBySide) -> str:
    return "\n".join(comparison_lines(found))


def test_it_shows_who_stands_where_who_may_take_whose_place_and_why() -> None:
    assert text(comparison()).splitlines() == [
        "A  run.jsonl",
        "",
        "bench_mail.yaml: 200 cases that all answered; margin 5 pt, as the suite says",
        "strategy              quality      USD  tokens  p50 s",
        " model                   90 %   a case  a case  p95 s",
        "-------------------  --------  -------  ------  -----  ---------------",
        "dear                    92.0%   0.0054     508   1.00  Pareto front",
        " openai/gpt-4o       [87, 95]                    2.00",
        "cheap                   91.0%  0.00054     508   0.50  Pareto front",
        " openai/gpt-4o-mini  [86, 94]                       -",
        "poor                    80.0%  0.00054     508   0.60  beaten by cheap",
        " openai/gpt-4o-mini  [74, 85]                       -",
        "",
        "strategy     change pt  lost   of        cost  tokens  latency",
        " against          90 %   won             90 %            p95 s",
        "--------  ------------  ----  ---  ----------  ------  -------  ---------",
        "cheap             -1.0     4  200     -90.0 %  +0.0 %  -50.0 %  not worse",
        " dear     [-3.0, +1.2]     2       [-91, -89]            -0.80  by 5 pt",
        "",
        "cheap is not worse than dear by more than 5 pt (p = 0.0042), and costs 90 % less ($0.0049 a case)",
        "  cost: $0.0054 -> $0.00054 a case (-90.0 %): mix -$0.0049",
        "  lost: c001, c002, c003, c004",
        "  won: c007, c008",
        "poor is beaten by cheap: quality +11.0 pt, cost +0 %, p50 -0.10 s",
    ]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"finding": Finding.BETTER, "p_better": 0.00001},
            "cheap is better than dear (p < 0.0001), and costs 90 % less",
        ),
        ({"finding": Finding.UNCHANGED}, "cheap answers as dear does, and costs 90 % less"),
        (
            {"finding": Finding.UNTOLD, "reason": "too few common cases: 1 of 9"},
            "cheap against dear: cannot tell, too few common",
        ),
        ({"finding": Finding.UNTOLD}, "cheap against dear: cannot tell a drop of 5 pt\n"),
        ({"finding": Finding.WORSE, "p_worse": 0.01}, "cheap is worse than dear (p = 0.0100)\n"),
    ],
)
def test_each_finding_has_its_words(changes: dict[str, object], line: str) -> None:
    assert line in text(comparison(dataclasses.replace(SAVES, **changes)))


def test_what_is_worse_or_saves_next_to_nothing_takes_nobodys_place() -> None:
    worse = dataclasses.replace(SAVES, finding=Finding.WORSE)
    alike = dataclasses.replace(SAVES, cost=Moved(0.0054, 0.0054, -0.0001))
    assert "less (" not in text(comparison(worse)) + text(comparison(alike))


def test_the_cheapest_of_a_quality_is_told_with_what_is_possible() -> None:
    told = text(comparison(quality=0.9, cheapest="cheap", fastest="cheap"))
    assert "cheapest with quality >= 90 %: cheap, 91.0%, $0.00054 a case, p50 0.50 s; 86.0% is possible" in told
    assert "no strategy has quality >= 95 %: the best is dear, 92.0%" in text(comparison(quality=0.95))


def test_several_comparisons_say_that_they_are_corrected() -> None:
    assert "corrected for 2 comparisons (Holm)" in text(comparison(SAVES, SAVES))
    assert "Holm" not in text(comparison(SAVES))


def test_the_cases_that_turned_are_named_the_first_five() -> None:
    many = dataclasses.replace(SAVES, lost=tuple(f"c{n}" for n in range(9)), won=(), grew=("c1", "c2"), grew_share=0.5)
    dearer = dataclasses.replace(many, cost=Moved(0.001, 0.002, 1.0))
    assert "  lost: c0, c1, c2, c3, c4, and 4 more" in text(comparison(dearer))
    assert "  cost grew most in c1, c2: 50% of all that was added" in text(comparison(dearer))
    assert "grew most" not in text(comparison(many))


def test_names_from_files_are_inert() -> None:
    evil = dataclasses.replace(CHEAP, name="\x1b[2J::error::", model="\x1b]0;x")
    told = text(comparison(standings=(DEAR, evil), suite="\x1b[2J", notes=("\x1b[31m",)))
    assert "\x1b" not in told


def test_a_price_that_is_not_known_is_said_to_be_unknown() -> None:
    assert " unknown " in text(comparison(standings=(DEAR, dataclasses.replace(CHEAP, usd=None))))


def test_programs_get_all_of_it_and_no_number_that_json_cannot_say() -> None:
    unsure = dataclasses.replace(SAVES, cost=Moved(0.0054, 0.00054, -0.9, -1.0, math.inf))
    document = json.loads(json.dumps(comparison_document(comparison(unsure)), allow_nan=False))
    (contrast,) = document["suites"][0]["contrasts"]

    assert document["format"] == "llmcost-comparison/1"
    assert document["suites"][0]["standings"][2]["beaten_by"] == ["cheap"]
    assert (contrast["finding"], contrast["p_not_worse"], contrast["cost"]["upper"]) == ("not worse", 0.0042, None)
    assert contrast["cost_change"]["mix"] == -0.00486
