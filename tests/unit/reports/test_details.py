"""Below the table: what decided, which cases turned, and what to type next."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fakes.rows import row, verdict

from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.reports.details import command, detail_lines, next_commands, pooled_lines
from pytest_llmcost.reports.summary import StrategySummary, Turned

PASS, FAIL, INCONCLUSIVE, NEW = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NEW


def shown(*rows: StrategySummary, verbose: bool = False) -> list[str]:
    return list(detail_lines(rows, verbose=verbose))


def turned(number: int) -> list[Turned]:
    return [Turned(f"c{place}", "spam", "spam", "ham") for place in range(number)]


def test_of_a_strategy_that_passes_nothing_is_said() -> None:
    assert shown(row(verdict("quality"), verdict("errors"))) == []


def test_a_strategy_that_got_better_beyond_doubt_is_told_so_though_it_passes() -> None:
    better = verdict("quality", basis="test", lower=0.008, reason="better, +3.1 pt [+0.8, +5.4]: ...")

    assert shown(row(better))[2:] == ["  pass  quality: better, +3.1 pt [+0.8, +5.4]: ..."]
    assert shown(row(verdict("quality", basis="test", lower=0.0), verdict("cost", basis="test", lower=0.1))) == []


def test_the_verdict_on_all_suites_is_shown_whatever_it_says() -> None:
    for outcome, word in ((PASS, "pass"), (FAIL, "FAIL"), (INCONCLUSIVE, "inconclusive")):
        on_all = verdict("quality", outcome, suite="all suites", strategy="", reason="-1.0 pt")
        assert list(pooled_lines([verdict("quality"), on_all])) == ["", "all suites", f"  {word}  quality: -1.0 pt"]
    assert list(pooled_lines([verdict("quality", FAIL)])) == []


def test_every_verdict_that_is_no_pass_gives_its_reason() -> None:
    failed = verdict("quality", FAIL, reason="worse, -10.0 pt")
    warned = verdict("latency", FAIL, reason="more, +80.0%", counts=False)
    unsure = verdict("tokens", INCONCLUSIVE, reason="cannot tell: +8.0%", counts=False)

    assert shown(row(failed, warned, unsure, verdict("errors"))) == [
        "",
        "bench_mail.yaml::cheap",
        "  FAIL  quality: worse, -10.0 pt",
        "  warn  latency: more, +80.0%",
        "  inconclusive (warns only)  tokens: cannot tell: +8.0%",
    ]


def test_the_cases_that_turned_are_shown_with_what_was_expected_and_answered() -> None:
    lost = [
        Turned("late", "spam", "spam", "ham"),
        Turned("rain", "spam or ham", None, None, is_before_known=False),
        Turned("books", "ham", None, "spam"),
    ]

    assert shown(row(verdict("quality", FAIL, reason="worse"), lost=lost, won=turned(1)))[3:] == [
        "  turned wrong: 3",
        "    late: expected 'spam', got 'spam' before, 'ham' now",
        "    rain: expected 'spam or ham', got (not kept) before, (unparsed) now",
        "    books: expected 'ham', got (unparsed) before, 'spam' now",
        "  turned right: 1",
        "    c0: expected 'spam', got 'spam' before, 'ham' now",
    ]


def test_graded_cases_are_shown_with_their_scores() -> None:
    lost = [Turned("late", "spam", "spam", "ham", scores=(1.0, 0.6666666)), Turned("rain", "spam", "spam", "ham")]

    assert shown(row(verdict("quality", FAIL, reason="worse"), lost=lost, won=[lost[0]]))[3:] == [
        "  scored lower: 2",
        "    late: 1 before, 0.667 now; expected 'spam', got 'spam' before, 'ham' now",
        "    rain: expected 'spam', got 'spam' before, 'ham' now",
        "  scored higher: 1",
        "    late: 1 before, 0.667 now; expected 'spam', got 'spam' before, 'ham' now",
    ]


@pytest.mark.parametrize("failed", [verdict("quality", INCONCLUSIVE), verdict("tokens", FAIL)])
def test_they_are_shown_for_every_verdict_that_is_no_pass(failed: object) -> None:
    assert "  turned wrong: 1" in shown(row(failed, lost=turned(1)))  # type: ignore[arg-type]


def test_they_are_not_shown_for_a_mere_warning() -> None:
    warned = verdict("latency", FAIL, reason="more", counts=False)

    assert not any("turned" in line for line in shown(row(verdict("quality"), warned, lost=turned(1))))


def test_ten_cases_are_shown_and_all_of_them_when_asked() -> None:
    many = row(verdict("quality", FAIL, reason="worse"), lost=turned(11))

    assert shown(many)[-2:] == [
        "    c9: expected 'spam', got 'spam' before, 'ham' now",
        "    ... and 1 more (-v shows all)",
    ]
    assert shown(many, verbose=True)[-1].startswith("    c10: ")
    assert not any("more (-v" in line for line in shown(row(verdict("quality", FAIL, reason="worse"), lost=turned(10))))


def test_the_cases_that_grew_most_are_shown_even_where_it_passes() -> None:
    grown = verdict("cost", PASS, reason="+2.0%", grew=("late", "rain"), grew_share=0.834)

    assert shown(row(grown))[2:] == ["  cost grew most in late, rain: 83% of all that was added"]


def test_calibration_has_a_line_of_its_own_and_notes_follow() -> None:
    calibrated = row(verdict("quality"), shared_calls=3, shared_usd=Decimal("0.00012"), notes=["1 answer: length"])

    assert shown(calibrated)[2:] == [
        "  calibration: 3 calls, $0.00012, once for the strategy",
        "  note: 1 answer: length",
    ]


def test_t06_nothing_that_a_model_or_a_file_wrote_steers_the_terminal() -> None:
    evil = "\x1b[2J\n::error::x"
    lines = shown(
        row(
            verdict("quality", FAIL, reason=evil),
            verdict("cost", PASS, grew=(evil,), grew_share=1.0),
            suite_path=evil,
            strategy=evil,
            lost=[Turned(evil, evil, evil, evil)],
            notes=[evil],
        )
    )

    assert not any("\x1b" in line or "\n" in line or line.lstrip().startswith("::") for line in lines)
    assert len(lines) == 7


@pytest.mark.parametrize(
    ("outcomes", "line"),
    [
        ([NEW], "store a baseline:  pytest --llm-budget bench_mail.yaml --llm-update-baseline"),
        ([NEW, PASS], "store a baseline:  pytest --llm-budget bench_mail.yaml --llm-update-baseline"),
        ([FAIL, NEW], "ask again after a change (answers are cached):  pytest --llm-budget bench_mail.yaml"),
        ([FAIL, PASS], "ask again after a change (answers are cached):  pytest --llm-budget bench_mail.yaml"),
        (
            [INCONCLUSIVE, PASS],
            "add cases, store a baseline of them with the old version, and ask again:  "
            "pytest --llm-budget bench_mail.yaml",
        ),
    ],
)
def test_the_next_command_is_printed_once_a_suite(outcomes: list[Outcome], line: str) -> None:
    rows = [row(verdict("quality", outcome), strategy=f"s{place}") for place, outcome in enumerate(outcomes)]

    assert list(next_commands(rows)) == [line]


def test_after_a_loss_the_lost_cases_are_asked_first() -> None:
    rows = [row(verdict("quality", FAIL), lost=[Turned("late", "shop", "shop", "other")])]

    assert list(next_commands(rows)) == [
        "after a change, ask the lost cases first:  pytest --llm-budget bench_mail.yaml --llm-only=lost"
    ]


def test_after_a_pass_there_is_nothing_to_type() -> None:
    assert list(next_commands([row(verdict("quality")), row()])) == []


def test_each_suite_has_its_own_next_command() -> None:
    rows = [row(verdict("quality", NEW)), row(verdict("quality", FAIL), suite_path="other/bench.yaml")]

    assert len(list(next_commands(rows))) == 2


def test_a_command_can_be_pasted_and_cannot_steer() -> None:
    assert command("my suites/bench_a.yaml") == "pytest --llm-budget 'my suites/bench_a.yaml'"
    assert "\x1b" not in command("bench_\x1b[2J.yaml")
