"""How many calls at once are borne."""

from __future__ import annotations

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


def test_e02_answers_bring_it_back_a_sixteenth_of_the_ceiling_at_a_time():
    state = congestion()
    for number in range(6):
        state.refused(number, 100.0, 0)
    limits = []
    while state.limit < 64:
        limits.append(state.limit)
        for _ in range(state.limit):
            state.answered()
    assert limits == list(range(1, 64, 4))
    for _ in range(500):
        state.answered()
    assert state.limit == 64


def test_a_low_ceiling_is_reached_one_by_one():
    state = congestion(3)
    state.refused(0, 100.0, 0)
    assert state.limit == 1
    state.answered()
    assert state.limit == 2
    state.answered()
    assert state.limit == 2


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
