"""A run that is cut short keeps every answer that it stored."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
from fakes.project import Project, numbered_cases
from fakes.stub_server import answer

N = 40


SIGNALS = {"e14-ctrl-c": signal.SIGINT, "e14-term": signal.SIGTERM, "e15-kill": signal.SIGKILL}


@pytest.mark.parametrize("how", SIGNALS.values(), ids=SIGNALS)
def test_answers_stored_before_an_interrupt_are_reused(project: Project, how: signal.Signals) -> None:
    project.configure(concurrency=4)
    project.suite(numbered_cases(N))
    script = answer("shop")
    project.server.play(lambda asked: script(asked).later(0.1))
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "--llm-budget"],
        cwd=project.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    _until(lambda: len(project.server.requests) >= 12)
    run.send_signal(how)
    output, _ = run.communicate(timeout=60)
    asked = len(project.server.requests)
    assert run.returncode != 0
    assert asked < N
    if how is signal.SIGINT:
        assert run.returncode == pytest.ExitCode.INTERRUPTED
        assert "Traceback" not in output
        assert "Warning" not in output
    project.server.play(script)
    assert project.run("--llm-budget").ret == 0
    asked_again = len(project.server.requests) - (N - asked)
    assert 0 <= asked_again <= 4, "at most the calls in flight are paid again"


def _until(is_true: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_true():  # type: ignore[operator]
        assert time.monotonic() < end, "the run did not start"
        time.sleep(0.02)
