"""The report on a pull request: the outcome first, one table, sixty lines, and nothing in it that does anything."""

from __future__ import annotations

import dataclasses
import re
from decimal import Decimal

import pytest
from fakes.reports import HEADER, report, tokens_of
from fakes.rows import row, verdict
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.domain.alteration import Alteration, Altered
from pytest_llmcost.domain.gate import ALL_SUITES, Outcome
from pytest_llmcost.domain.metrics import Flicker, RepeatMetrics
from pytest_llmcost.reports.markdown import MOST_LINES, render_markdown
from pytest_llmcost.reports.report import Report, Reused
from pytest_llmcost.reports.safe import code
from pytest_llmcost.reports.summary import Turned

PASS, FAIL, INCONCLUSIVE, NEW = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NEW

HOSTILE = [
    "pwned <script>alert(1)</script>",
    "![pwned](https://evil.example/x.png)",
    "[pwned](javascript:alert(1)) https://pwned.example www.pwned.example a@pwned.example",
    "@pwned #1 pwned/pwned#2 :tada: $`pwned`$",
    "pwned\n\n# heading\n| a | b |\n::error::x\n```\n---",
    "pwned `one` ``two`` ```three",
    "`pwned", "pwned`", "pwned|pwned", "pwned\\", "pwned\\|pwned", "\\`pwned", "pwned </details></sub><!-- ",
    "<img src=x onerror=pwned>",
    "pwned\u202e\u2028\x1b[2J\x00",
    "|" * 200 + "pwned",
    "`" * 59 + "pwned",
]  # fmt: skip


def flickering(*cases: str) -> RepeatMetrics:
    return RepeatMetrics(3, (0.8, 0.9, 0.95), (0.8, 0.7, 0.6), tuple(Flicker(case, 1, 3) for case in cases))


def everywhere(text: str) -> Report:
    """A report in which every foreign word is *text*."""
    failed = verdict("quality", FAIL, reason=text, estimate=-0.1)
    dearer = verdict("cost", FAIL, reason=text, estimate=0.5, grew=(text,), grew_share=0.4)
    turned = Turned(text, text, text, text, place=text)
    names = {"suite": text, "suite_path": text, "strategy": text, "notes": [text]}
    one = row(failed, dearer, **names, lost=[turned], won=[turned], repeats=flickering(text))
    header = dataclasses.replace(HEADER, versions={text: text}, commit=text, prices_date=text, started=text)
    return report(
        one,
        outcome=FAIL,
        why="it fails",
        header=header,
        baseline=text,
        reused=Reused(2, 1, Decimal(1), text),
        must_pass_lost=[(text, text, text)],
        faults=[text],
        notes=[text],
        commands=[text],
        alterations=[
            Alteration(kind, text, text, text, text, text, cases, text, is_weaker=is_weaker)
            for kind in Altered
            for cases in ((), (text,))
            for is_weaker in (True, False)
        ],
    )


def large(strategies: int = 50) -> Report:
    lost = [Turned(f"case {n}", "shop", "shop", "other", place=f"line {n}") for n in range(500)]
    rows = [
        row(
            verdict("quality", FAIL, reason="worse " * 60, estimate=-0.1, lower=-0.2, upper=-0.05),
            verdict("cost", FAIL, reason="more", estimate=0.5, grew=tuple("abcde"), grew_share=0.4),
            verdict("errors", FAIL, reason="many"),
            suite_path=f"a/long/way/down/bench_{n}.yaml",
            lost=lost,
            won=lost,
            notes=[f"note {i}" for i in range(20)],
            is_partial=True,
            repeats=flickering(*(f"c{i}" for i in range(99))),
        )
        for n in range(strategies)
    ]
    must = [(rows[0].suite_path, "cheap", f"case {n}") for n in range(300)]
    said = [f"said {n}" for n in range(99)]
    weaker = [Alteration(Altered.GATE, f"bench_{n}.yaml", what="quality.margin") for n in range(99)]
    return report(*rows, outcome=FAIL, alterations=weaker, faults=said, notes=said, commands=said, must_pass_lost=must)


WEAKER = Alteration(Altered.GATE, "bench_mail.yaml", what="quality.margin", before="0.05", now="0.2")
STRICTER = dataclasses.replace(WEAKER, now="0.01", is_weaker=False)


def test_it_begins_with_the_outcome_as_a_heading() -> None:
    tokens = list(tokens_of(render_markdown(report(row(verdict("quality"))))))

    assert (tokens[0].type, tokens[1].content) == ("heading_open", "Passed: the one strategy passes")


def test_a_large_run_takes_sixty_lines_and_fits_into_a_comment() -> None:
    text = render_markdown(large())

    assert len(text.splitlines()) <= MOST_LINES
    assert len(text) < 65_536
    assert text.count("\n| --- |") == 1, "one table"
    left = re.findall(r"and (\d+) more ?([a-z]*)", text)
    assert [noun for _, noun in left] == [
        "alterations", "faults", "", "verdicts", "cases", "changes", "notes", "figures", "",
    ]  # fmt: skip
    assert [int(number) for number, _ in left] == [95, 97, 46, 146, 24997, 47, 1097, 149, 96]


def test_what_room_there_is_goes_to_the_lists_that_need_it() -> None:
    rows = [row(verdict("quality"), strategy=f"s{n}") for n in range(100)]
    lines = render_markdown(report(*rows)).splitlines()

    assert len(lines) == MOST_LINES
    assert sum(line.startswith("| `bench_mail.yaml::s") for line in lines) == 25
    assert sum(line.startswith("- **pass**: quality of ") for line in lines) == 25


def test_what_fails_comes_first() -> None:
    rows = [row(verdict("quality", outcome), strategy=f"s{n}") for n, outcome in enumerate([PASS, PASS, NEW, FAIL])]

    lines = [line for line in render_markdown(report(*rows)).splitlines() if line.startswith("| ")][2:]

    assert [line.split(" | ")[1] for line in lines] == ["**fail**", "new", "pass", "pass"]


def test_t08_what_a_change_does_to_its_own_judge_comes_before_everything_else() -> None:
    lines = render_markdown(report(row(verdict("quality")), alterations=[STRICTER, WEAKER])).splitlines()

    assert lines[3:5] == [
        "**This change alters what judges it**, and is judged by its base:",
        "- `bench_mail.yaml: quality.margin: 0.05 -> 0.2`",
    ]
    assert "- note: `bench_mail.yaml: quality.margin: 0.05 -> 0.01; judges once this is merged`" in lines


def test_what_surely_got_better_is_said_too() -> None:
    better = verdict(
        "quality", reason="better, +3.1 pt [+0.8, +5.4]", basis="test", estimate=0.031, lower=0.008, upper=0.054
    )

    assert "- **pass**: quality of `bench_mail.yaml::cheap`: `better, +3.1 pt" in render_markdown(report(row(better)))


def test_a_verdict_is_told_with_its_evidence_and_that_on_all_suites_stands_beside_the_others() -> None:
    failed = verdict("quality", FAIL, reason="worse, -3.0 pt", p=0.00123, p_adjusted=0.0246, suite=ALL_SUITES)
    lines = render_markdown(report(row(verdict("quality")), outcome=FAIL, pooled=[failed])).splitlines()

    assert "- **fail**: quality of all suites: `worse, -3.0 pt` (p 0.0012, adjusted 0.025)" in lines


def test_a_lost_case_is_told_as_far_as_it_is_known() -> None:
    lost = [
        Turned("late", "shop", "shop", "other", place="line 4"),
        Turned("rain", "", None, None, is_before_known=False, is_now_known=False),
        Turned("half", "", None, None, is_before_known=False, scores=(1.0, 1 / 3)),
    ]
    text = render_markdown(report(row(verdict("quality", FAIL), lost=lost), outcome=FAIL))

    assert "`late` (`line 4`), expected `shop`, got `shop` before, got `other` now\n" in text
    assert ": `rain`\n" in text
    assert "`half`, scores 1 before, 0.333 now, got (unparsed) now\n" in text


def test_cases_that_must_pass_come_first_and_once() -> None:
    lost = [Turned("a", "x", "x", "y"), Turned("b", "x", "x", "y")]
    must = [("bench_mail.yaml", "cheap", "b"), ("bench_mail.yaml", "cheap", "new")]
    text = render_markdown(report(row(verdict("quality", FAIL), lost=lost), outcome=FAIL, must_pass_lost=must))

    assert "Cases lost: 2, won: 0; must pass and are wrong: 2" in text
    assert [line.split("`")[3] for line in text.splitlines() if line.startswith("- `bench")] == ["b", "new", "a"]


@pytest.mark.parametrize("text", HOSTILE)
def test_t06_t07_foreign_words_stand_as_code_and_nowhere_else(text: str) -> None:
    tokens = list(tokens_of(render_markdown(everywhere(text))))

    shown = [token for token in tokens if "pwned" in token.content and not token.children]
    assert shown, "it is told"
    assert {token.type for token in shown} <= {"code_inline", "fence"}
    assert not [token for token in tokens if token.type in ("image", "link_open")]
    html = "".join(token.content for token in tokens if token.type.startswith("html"))
    assert set(re.findall(r"</?\w+|<!--", html)) <= {"<details", "<summary", "</summary", "</details", "<sub", "</sub"}


@pytest.mark.parametrize("text", HOSTILE)
def test_t06_no_name_breaks_the_table_or_adds_a_line(text: str) -> None:
    def shape(report: Report) -> list[str]:
        return [
            token.type
            for token in tokens_of(render_markdown(report))
            if token.type in ("tr_open", "td_open", "th_open")
        ]

    assert shape(everywhere(text)) == shape(everywhere("plain"))
    assert len(render_markdown(everywhere(text)).splitlines()) == len(render_markdown(everywhere("plain")).splitlines())


@given(st.text())
def test_t06_any_text_is_one_code_span(text: str) -> None:
    (paragraph,) = (token for token in tokens_of(f"x {code(text)} y\n") if token.type == "inline")

    assert [child.type for child in paragraph.children or ()] in (["text", "code_inline", "text"], ["text"])
    assert "|" not in code(text)


def test_the_share_of_cached_answers_and_their_origin_are_told() -> None:
    assert "10 of 40 answers (25%) are from the cache, kept in `.llmcost/cache`" in render_markdown(report())
