"""One loop on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import CancelledError

import pytest
from fakes.process import run_python, start_python

from pytest_llmcost.calls.engine import Engine


@pytest.fixture
def engine():
    opened = Engine()
    yield opened
    opened.close()


async def answer(text="yes"):
    return text


async def never():
    await asyncio.sleep(3600)


def test_a_coroutine_runs_and_its_result_comes_back(engine):
    assert engine.run(answer) == "yes"


def test_an_error_comes_back_too(engine):
    async def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        engine.run(fail)


def test_all_calls_share_one_loop_on_one_other_thread(engine):
    async def where():
        return asyncio.get_running_loop(), threading.current_thread()

    first, second = engine.run(where), engine.submit(where).result()
    assert first == second
    assert first[1] is not threading.current_thread()


def test_of_several_submitted_at_once_each_has_its_own_end(engine):
    async def fail():
        raise ZeroDivisionError

    first, second, third = engine.submit_all([answer, fail, answer])
    assert (first.result(5), third.result(5)) == ("yes", "yes")
    with pytest.raises(ZeroDivisionError):
        second.result(5)


def test_a_cancelled_future_cancels_its_call(engine):
    ended = threading.Event()

    async def note_the_end():
        try:
            await never()
        finally:
            ended.set()

    future = engine.submit(note_the_end)
    engine.run(answer)
    future.cancel()
    assert ended.wait(5)


def test_e14_closing_cancels_what_is_open_and_awaits_its_end():
    engine = Engine()
    ended = []

    async def tidy_up():
        try:
            await never()
        finally:
            await asyncio.sleep(0.01)
            ended.append(True)

    futures = [engine.submit(tidy_up) for _ in range(3)]
    engine.run(answer)
    engine.close()
    assert ended == [True] * 3
    for future in futures:
        with pytest.raises(CancelledError):
            future.result(timeout=0)


def test_a_call_that_has_not_begun_is_cancelled_without_a_warning():
    engine = Engine()
    future = engine.submit(never)
    engine.close()
    assert future.cancelled()


def test_closers_run_on_the_loop_after_the_calls_awaited_where_they_can_be():
    engine, order = Engine(), []

    async def call():
        try:
            await never()
        finally:
            order.append("call")

    async def close_provider():
        order.append(threading.current_thread().name)

    engine.submit(call)
    engine.run(answer)
    engine.close(close_provider, lambda: order.append("store"))
    assert order == ["call", "llmcost-calls", "store"]


def test_a_closer_that_fails_is_told_and_the_others_still_run():
    engine, closed = Engine(), []

    async def fail():
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        engine.close(fail, lambda: closed.append(True))
    assert caught.group_contains(ZeroDivisionError)
    assert closed == [True]


def test_closing_twice_is_closing_once():
    engine, closed = Engine(), []
    for _ in range(2):
        engine.close(lambda: closed.append(True))
    assert closed == [True]


def test_a_closed_engine_makes_no_coroutine():
    engine = Engine()
    engine.close()
    with pytest.raises(RuntimeError, match="closed"):
        engine.submit(never)


def test_work_in_threads_is_waited_for():
    engine, done = Engine(), []

    def slow():
        time.sleep(0.05)
        done.append(True)

    async def start():
        work = asyncio.ensure_future(asyncio.to_thread(slow))
        await asyncio.sleep(0.01)
        return work.done()

    assert engine.run(start) is False
    engine.close()
    assert done == [True]


FORGOTTEN = """
import asyncio
from pytest_llmcost.calls.engine import Engine
async def work():
    try:
        await asyncio.sleep(3600)
    finally:
        print("ended")
engine = Engine()
engine.submit(work)
engine.run(lambda: asyncio.sleep(0))
"""


def test_a_program_that_forgets_to_close_it_ends_all_the_same():
    assert run_python(FORGOTTEN) == "ended\n"


INTERRUPTED = """
import asyncio
from pytest_llmcost.calls.engine import Engine
async def wait():
    print("asked", flush=True)
    try:
        await asyncio.sleep(3600)
    finally:
        print("cancelled")
engine = Engine()
try:
    engine.run(wait)
except KeyboardInterrupt:
    engine.run(lambda: asyncio.sleep(0))
    print("interrupted")
engine.close()
"""


def test_e14_an_interrupt_cancels_the_call_and_ends_promptly():
    process = start_python(INTERRUPTED)
    assert process.stdout.readline() == "asked\n"
    process.send_signal(2)
    out, err = process.communicate(timeout=60)
    # (One that comes before the wait has begun is told first, and the end of the engine cancels the call.)
    assert (sorted(out.split()), err, process.returncode) == (["cancelled", "interrupted"], "", 0)
