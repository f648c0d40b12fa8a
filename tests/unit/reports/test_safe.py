"""Text of models and files may neither steer a terminal nor command a CI log."""

from __future__ import annotations

import pytest

from pytest_llmcost.reports.safe import columns, inert, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\u001b[31mred\\u001b[0m"),
        ("\x1b]8;;http://x\x07link", "\\u001b]8;;http://x\\u0007link"),
        ("\x9b2J", "\\u009b2J"),
        ("a\rb\tc\nd", "a\\rb\\tc\\nd"),
        ("nul\x00", "nul\\u0000"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2066isolate\u2069", "\\u2066isolate\\u2069"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("line\u2028end", "line\\u2028end"),
        ("half \ud83d", "half \\ud83d"),
        ("\ue000private", "\\ue000private"),
    ],
)
def test_t06_what_steers_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text", ["naïve", "שלום", "日本語", "🙂", "👩‍👩‍👧", "👍🏽", "❤️", "e\u0301", "'quoted'", "a  b"]
)
def test_t06_what_is_only_unusual_stays(text: str) -> None:
    assert visible(text) == text
    assert inert(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::broken", "'::error::broken"),
        ("  ::set-output name=a::b", "  '::set-output name=a::b"),
        ("\u00a0::error::x", "\u00a0'::error::x"),
        ("##[group]x", "##'[group]x"),
        ("see ##[error]x", "see ##'[error]x"),
        ("##vso[task.setvariable variable=a]b", "##'vso[task.setvariable variable=a]b"),
        ("a::b", "a::b"),
        ("## heading", "## heading"),
    ],
)
def test_t06_a_command_to_a_ci_log_is_none_any_more(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert inert(text) == shown


def test_t06_lines_are_kept_where_they_are_wanted_and_each_is_inert() -> None:
    assert inert("first\n::error::second\n\x1b[2Jthird") == "first\n'::error::second\n\\u001b[2Jthird"


def test_a_line_is_cut_to_its_columns_and_the_cut_is_shown() -> None:
    assert visible("abcdef", 6) == "abcdef"
    assert visible("abcdefg", 6) == "abcde…"
    assert visible("日本語日本語", 6) == "日本…"
    assert visible("\x1b" * 10, 12) == "\\u001b\\u001…"


def test_a_cut_is_shown_even_behind_marks_that_take_no_column() -> None:
    piled = "e" + "\u0301" * 100

    assert visible(piled, 6).endswith("…")
    assert columns(visible(piled, 6)) <= 6


@pytest.mark.parametrize(("text", "wide"), [("abc", 3), ("日本", 4), ("🙂", 2), ("e\u0301", 1), ("", 0)])
def test_columns_count_what_a_terminal_shows(text: str, wide: int) -> None:
    assert columns(text) == wide


def test_megabytes_of_hostile_text_take_no_time() -> None:
    """Linear in its length, whatever it holds."""
    assert inert("\n" * 500_000 + "::error::x").endswith("'::error::x")
    assert inert("##" * 500_000).startswith("####")
    assert len(visible("::" * 500_000)) == 60
