"""How many calls at once are borne."""

from __future__ import annotations

import pytest

from pytest_llmcost.calls.flow.congestion import Congestion


def congestion(ceiling=64):
    return Congestion(ceiling, jitter=lambda: 1.0)


def test_e02_calls_that_were_under_way_together_are_refused_once():
    state = congestion()
    for _ in range(64):
        state.refused(0, 100.0, 0)
    assert (state.limit, state.paused_until) == (32, 100.5)


def test_e02_each_round_halves_again_and_pauses_longer_but_one_call_is_always_allowed():
    state, limits, pauses = congestion(), [], []
    for number in range(8):
        state.refused(number, 100.0 * number, 0)
        limits.append(state.limit)
        pauses.append(state.paused_until - 100.0 * number)
    assert limits == [32, 16, 8, 4, 2, 1, 1, 1]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 20, 20]


def windows(state, count):
    """Answer as many calls as are allowed at once, so many times; return what was allowed."""
    limits = []
    for _ in range(count):
        limits.append(state.limit)
        for _ in range(state.limit):
            state.answered()
    return limits


def test_e02_after_a_storm_it_doubles_up_to_half_of_what_was_too_much_and_then_adds_one_a_window():
    state = congestion()
    for number in range(6):
        state.refused(number, 100.0, 0)
    assert windows(state, 40) == [1, 2, 4, 8, 16, *range(32, 64), 64, 64, 64]


def test_what_was_too_much_is_learned_anew_where_answers_came_between():
    state = congestion()
    state.refused(0, 100.0, 0)
    windows(state, 1)
    state.refused(1, 101.0, 0)
    assert windows(state, 3) == [16, 17, 18]


def test_where_one_at_once_is_too_much_the_time_between_two_grows_and_shrinks_slowly():
    state, gaps = congestion(2), []
    for number in range(9):
        state.refused(number, 100.0, 0)
        gaps.append(state.gap_seconds)
        state.answered()
    assert gaps[:3] == pytest.approx([0.25, 0.45, 0.81])
    assert gaps[-1] == 20
    for _ in range(65):
        state.answered()
    assert state.gap_seconds == 0
    assert state.limit == 1, "only without a gap is more tried at once"
    state.answered()
    assert state.limit == 2


def test_the_next_call_is_not_sent_before_the_gap_is_over():
    state = congestion(1)
    state.refused(0, 100.0, 0)
    state.sent(200.0)
    assert state.paused_until == 200.25


def test_e01_the_wait_that_is_asked_for_is_kept_whoever_is_told_it():
    state = congestion()
    state.refused(0, 100.0, 7.0)
    state.refused(0, 101.0, 3.0)
    assert state.paused_until == 107
    state.refused(0, 101.0, 9.0)
    assert state.paused_until == 110


def test_after_an_answer_the_pauses_begin_small_again():
    state = congestion()
    state.refused(0, 100.0, 0)
    state.refused(1, 101.0, 0)
    assert state.refused_since == 100
    state.answered()
    assert state.refused_since is None
    state.refused(2, 200.0, 0)
    assert (state.paused_until, state.refused_since) == (200.5, 200)


def test_a_higher_ceiling_lifts_a_limit_that_was_at_the_top():
    state = congestion(32)
    state.raise_ceiling(64)
    assert (state.limit, state.ceiling) == (64, 64)
    state.raise_ceiling(8)
    assert state.ceiling == 64
    state.refused(0, 100.0, 0)
    state.raise_ceiling(128)
    assert (state.limit, state.ceiling) == (32, 128)
