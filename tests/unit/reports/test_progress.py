"""How far a run is, in one line that fits."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from pytest_llmcost.domain.trial import Call
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.reports.progress import (
    MEASURED_ENOUGH,
    Standing,
    asked_lines,
    duration,
    progress_line,
    seconds_left,
)

STANDING = Standing(
    done=312,
    total=840,
    in_flight=32,
    failed={"server error": 1, "rate limit": 12},
    spent=Decimal("0.0123"),
    budget=Decimal(1),
    seconds_left=71.2,
)

WIDTHS = {
    200: "asking 312/840 calls, 32 in flight, 12 x rate limit and 1 x server error, $0.012 of $1.00, 1:12 left",
    80: "asking 312/840 calls, 32 in flight, $0.012 of $1.00, 1:12 left",
    50: "asking 312/840 calls, $0.012 of $1.00, 1:12 left",
    40: "asking 312/840 calls, 1:12 left",
    20: "312/840, 1:12 left",
    10: "312/840",
    3: "312",
}


def standing(**changes: Any) -> Standing:
    return dataclasses.replace(STANDING, **changes)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_narrow_terminal_keeps_what_matters_most(width: int) -> None:
    assert progress_line(STANDING, width) == WIDTHS[width]


@pytest.mark.parametrize("width", range(20, 201))
def test_f16_the_line_fits_its_width_in_plain_ascii(width: int) -> None:
    line = progress_line(STANDING, width)
    assert len(line) <= width
    assert line.isascii()


def test_a_log_gets_all_of_it() -> None:
    assert progress_line(STANDING) == WIDTHS[200]


def test_what_is_not_known_is_not_said() -> None:
    bare = standing(in_flight=0, failed={}, spent=None, seconds_left=None)
    assert progress_line(bare) == "asking 312/840 calls"


def test_where_nothing_may_be_spent_money_is_not_spoken_of() -> None:
    assert "$" not in progress_line(standing(spent=Decimal(0), budget=Decimal(0)))


def test_nothing_spent_yet_is_said() -> None:
    assert "$0 of $1.00" in progress_line(standing(spent=Decimal(0)))


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0:00"), (0.2, "0:01"), (59.5, "1:00"), (72, "1:12"), (7510, "2:05:10")]
)
def test_a_duration_is_rounded_up(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_time_left_follows_from_latency_and_concurrency() -> None:
    assert seconds_left(640, 0.5, 32, MEASURED_ENOUGH) == pytest.approx(10)


def test_fewer_calls_than_places_take_one_latency() -> None:
    assert seconds_left(3, 0.5, 32, MEASURED_ENOUGH) == pytest.approx(0.5)


def test_nothing_left_takes_no_time() -> None:
    assert seconds_left(0, 0.5, 32, MEASURED_ENOUGH) == 0


@pytest.mark.parametrize(("at_once", "measured"), [(32, MEASURED_ENOUGH - 1), (0, 100)])
def test_the_time_left_is_not_guessed(at_once: float, measured: int) -> None:
    assert seconds_left(640, 0.5, at_once, measured) is None


def call(seconds: float, **changes: Any) -> Call:
    fields = {"paid_usd": Decimal(0), "attempts": 1, "cached": False} | changes
    return Call("ours", Usage(), seconds, Decimal(0), **fields)


CALLS = [call(0.5), call(1.5, attempts=3), call(60.0, cached=True)]


@pytest.mark.parametrize(
    ("verbosity", "lines"),
    [
        (0, []),
        (1, ["asked: 2 calls, 1.00 s on average, 1.50 s at most; 1 of them after a failed attempt"]),
        (
            2,
            [
                "asked: 2 calls, 1.00 s on average, 1.50 s at most; 1 of them after a failed attempt",
                "attempts that failed: 2 x rate limit",
            ],
        ),
    ],
)
def test_the_end_tells_more_the_more_is_asked_for(verbosity: int, lines: list[str]) -> None:
    assert list(asked_lines(CALLS, {"rate limit": 2}, verbosity)) == lines


def test_a_run_from_the_cache_has_nothing_to_tell_of_calls() -> None:
    assert list(asked_lines(CALLS[2:], {}, 2)) == []
