"""So much in any minute."""

from __future__ import annotations

from pytest_llmcost.calls.flow.window import Window


def test_what_fits_does_not_wait():
    window = Window(3)
    for _ in range(3):
        assert window.wait_seconds(1, 100.0) == 0
        window.take(1, 100.0)
    assert window.wait_seconds(1, 100.0) == 60


def test_room_comes_back_a_minute_after_it_was_taken():
    window = Window(10)
    window.take(4, 100.0)
    window.take(6, 130.0)
    assert [window.wait_seconds(amount, 140.0) for amount in (1, 4, 5, 10)] == [20, 20, 50, 50]
    assert window.wait_seconds(4, 160.0) == 0


def test_what_never_fits_waits_for_an_empty_window():
    window = Window(10)
    assert window.wait_seconds(99, 100.0) == 0
    window.take(99, 100.0)
    assert window.wait_seconds(1, 100.0) == 60


def test_what_was_assumed_is_corrected():
    window = Window(10)
    entry = window.take(9, 100.0)
    window.correct(entry, 3)
    assert window.wait_seconds(7, 101.0) == 0
    assert window.wait_seconds(8, 101.0) == 59


def test_a_correction_that_comes_after_a_minute_changes_nothing():
    window = Window(10)
    entry = window.take(9, 100.0)
    assert window.wait_seconds(10, 160.0) == 0
    window.correct(entry, 3)
    window.take(10, 160.0)
    assert window.wait_seconds(1, 160.0) == 60


def test_less_than_one_a_minute_is_one_in_a_longer_time():
    window = Window(0.25)
    window.take(1, 100.0)
    assert window.wait_seconds(1, 100.0) == 240


def test_without_a_limit_nothing_waits_and_nothing_is_remembered():
    window = Window(float("inf"))
    window.take(10**9, 100.0)
    assert window.wait_seconds(10**9, 100.0) == 0
